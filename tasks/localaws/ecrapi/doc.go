// Package ecrapi is the API of Amazon ECR (AWS JSON 1.1, the header X-Amz-Target) over a catalog. The AWS CLI, the SDKs
// and Terraform's provider call it. It decodes a request, asks package catalog, and encodes the answer; the rules are
// the catalog's.
//
// [New] makes an [API]; [API.Serve] answers a request of one region. Package localaws starts it: see there.
//
// An input is strict: a parameter that its operation does not know is refused by name (AWS ignores it), and so are
// missing, empty and too long values, as in the service model. GetAuthorizationToken takes the id of any registry; the
// token it gives is the caller's, for all.
//
// # What is refused
//
// [Operations] lists the operations that are answered. All others are refused by name with UnknownOperationException:
// pull through cache rules, repository creation templates, registry policies, replication, signing configurations and
// pull time exclusions. Signatures are not verified. A call to the registry of another account is answered if the
// policy of each repository that it names allows it.
//
// It keeps no data of its own. Faults are the concern of package localaws.
package ecrapi
