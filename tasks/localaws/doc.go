// Package localaws is an emulator of the part of AWS that this project uses: Amazon ECR with its registry, and as much
// of S3 and STS as Terraform needs. It is one [http.Handler] over one folder. It serves development and tests, on
// loopback only.
//
// # Starting it
//
// From the menu: `mage serve` runs it until interrupted and writes .local/env, the variables that point a shell at it;
// `mage local TARGET…` runs targets against it in the same process. From Go:
//
//	aws, err := localaws.Open(localaws.Options{Dir: dir})
//	server := httptest.NewServer(aws) // then set the SDK's BaseEndpoint, UsePathStyle and any access key
//	defer aws.Close()                 // after server.Close()
//
// [Home] adds a fixed port, and makes processes that use the same folder wait for each other or share one serve.
// [Options] lists all choices; tests move time with a [Clock].
//
// # What it keeps of AWS's rules
//
// It is strict where a lax emulator would accept what AWS refuses: children of an index cannot be deleted, immutable
// tags do not move, layers must be there, repositories must have been created, names, lengths and page sizes have
// limits, registry passwords expire. A lifecycle policy acts a day after it was set and then once a day, which is as
// late as ECR allows. An archived image comes back 20 minutes after its restore, or at once when it is pushed again.
//
// An access key of twelve digits is the user's of that account, as other emulators have it; any other key is of the
// first account. A registry password says who asks, and the address whose registry is meant: each account after the
// first has an address of its own, on a port that its folder keeps ([AWS.ServeAccounts]; [Home] does that, for 16
// accounts at most). Whether one account may use a repository of another, the repository's policy says. STS gives
// anybody the session of any role. A bucket is of the
// account that made it, and no other may use it.
//
// Each region has a registry of its own, as at AWS: the region of a request is the one it is signed for, or the one its
// registry password was made for. All regions of an account answer at the same address.
//
// Package contract holds all this to what AWS answers, with the source of each answer.
//
// # What it does not keep
//
//   - Signatures are not verified: a request must name a region and a service, and any access key will do.
//   - Within an account nobody is refused for a missing permission. [Options].Record is told which IAM permissions each
//     request would need. A statement with a condition, in the policy of a repository, allows nobody anything.
//   - KMS keys, replication, pull through caches, repository creation templates and image signing do not exist.
//   - An operation, parameter or sub-resource that it does not know is refused by name, never ignored.
//
// The pages of the rooms say the rest: catalog (ECR's rules), ecrapi (ECR's API), registry (docker's protocol), s3,
// sts.
//
// # Where the data is
//
// In [Options].Dir (the menu uses .local/data): one bbolt file for records, ecr/ for layers and s3/ for large objects,
// readable by the user alone. Deleting the folder deletes everything. Acknowledged changes survive kill -9, and a power
// cut if the disk keeps what it was told to; a change that was not acknowledged is there completely or not at all. One
// process opens the folder at a time ([ErrInUse]). A database of which pages were cut off or overwritten is not opened
// ([ErrDamaged]); a layer that was is sent again by the next push.
//
// # Faults and findings
//
// [Options].Faults makes requests fail on purpose: throttling, 5xx, denials, expired tokens, delays, cut connections.
// [LoadFaults] shows the file (`mage serve -faults=FILE`). [Options].Findings is what image scans find; [LoadFindings]
// shows the file (`mage serve -findings=FILE`). Nothing of either is invented: without findings, an image with a Linux
// distribution has none, and an image from scratch is unsupported, as in ECR's basic scanning.
//
// # Speed
//
// BenchmarkList and BenchmarkLayer in this folder, and BenchmarkServe in tasks/e2e, measure it.
package localaws
