// A process of its own: this library keeps where it found its platform, and tokens, for the whole process.
import { ManagedIdentityCredential } from '@azure/identity'

await new ManagedIdentityCredential().getToken(process.argv[2])
