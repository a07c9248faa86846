/** What managing takes, in the words of the permission vocabulary; the host alone holds what no vocabulary has. */
export type ManagementPermission =
  | `organization:${'create' | 'read' | 'update' | 'delete'}`
  | `signing-key:${'read' | 'rotate' | 'revoke'}`
  | `project:${'create' | 'read' | 'update' | 'delete'}`
  | `identity:${'create' | 'read' | 'update' | 'delete' | 'unlock' | 'assign'}`
  | `auth-method:${'attach' | 'read' | 'update' | 'detach'}`
  | `auth-template:${'create' | 'read' | 'update' | 'delete' | 'attach'}`
  | `credential:${'create' | 'read' | 'delete'}`
  | `role:${'create' | 'read' | 'update' | 'delete'}`
  | `binding:${'create' | 'read' | 'delete'}`
  | 'event:read'
