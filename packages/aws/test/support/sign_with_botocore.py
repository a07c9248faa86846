# The request that botocore would send, in the words of support/signers.ts.
import json
import sys
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

given = json.loads(sys.argv[1])
keys = given["keys"]
host = "sts.eu-west-1.amazonaws.com"
headers = {
    "Host": host,
    "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
    "X-Countersign-Audience": given["audience"],
}
request = AWSRequest(method="POST", url="https://" + host + "/", data=given["body"], headers=headers)
credentials = Credentials(keys["accessKeyId"], keys["secretAccessKey"], keys.get("sessionToken"))
SigV4Auth(credentials, "sts", "eu-west-1").add_auth(request)
print(json.dumps({"headers": dict(request.headers.items()), "body": given["body"]}))
