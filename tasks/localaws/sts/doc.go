// Package sts is the two operations of AWS STS with which Terraform and the SDKs ask who they are and take a role:
// GetCallerIdentity and AssumeRole, over the Query protocol.
//
// [New] makes the handler. Package localaws starts it: see there, also for faults.
//
// An access key of twelve digits is the user's of that account, as other emulators have it; any other is the user's of
// the first account. [Caller] says whose a key is. Everybody may take every role: roles need not have been made, and
// there are no trust policies. Signatures are not verified, and sessions do not end. Every other operation is refused by
// name with InvalidAction. It keeps no data: a session's token says whose it is.
package sts
