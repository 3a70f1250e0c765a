// Package contract holds a cloud to what AWS answers: probes.txt is one table of requests, expected answers and the
// source of each, and the test sends it to the local AWS or to AWS itself.
//
//	go test ./tasks/localaws/contract                                        # the local AWS, dialect ecr
//	AWS_PROFILE=… AWS_REGION=… go test ./tasks/localaws/contract -aws        # AWS, with the profile's rights
//	… -aws -table=FILE                                                       # and what differs, as Markdown
//
// Against AWS it makes repositories and one bucket with a random name that begins with "contract-", and deletes them
// afterwards; an interrupted run leaves them. It changes no setting of the registry. The workflow contract.yml does it
// in CI when a person starts it, and docs/local-aws.md has the policy of its role.
//
// # The table
//
// A line is an order; an indented line belongs to the request before it:
//
//	source ADDRESS        who says so, for the probes that follow; "ours" when nobody outside does
//	group NAME            the probes that follow have a new repository, {app}
//	bucket                and these a new bucket, {bucket}
//	set NAME = TEXT       {NAME} is TEXT from here on
//	ecr OPERATION JSON    a call of ECR's API
//	v2 METHOD PATH        a request to the registry, below /v2/
//	s3 METHOD PATH        a request to S3
//	sts FORM              a request to STS
//	with REQUEST          "- TEXT" is this request from here on, with TEXT for $
//	do REQUEST            a request that prepares others: no probe
//	  > NAME: VALUE       a header; "Authorization: -" sends none
//	  < TEXT              the body
//	  => STATUS CODE TEXT the answer: its status, its error code ("-" for none), and what it says
//	  head NAME TEXT      a header of the answer that contains TEXT, is there at all, or is absent ("-")
//	  away                the answer is that of another host, to which the first one redirected
//	  save NAME PATTERN   {NAME} is what the pattern finds in the body, or "Location" the header
//
// The expected answer may stand on the request's own line. {json:NAME} is a value as a string of JSON, {b64:NAME} in
// base64, {digest:NAME} its SHA-256, {size:NAME} its length, and {x*9} is nine times x.
//
// {account}, {region}, {host}, {registry} (an address) and {arn} (of the group's repository) are those of the cloud.
package contract
