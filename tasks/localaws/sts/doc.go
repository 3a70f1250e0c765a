// Package sts is the one operation of AWS STS with which Terraform and the SDKs ask who they are: GetCallerIdentity,
// over the Query protocol.
//
// [New] makes the handler. Package localaws starts it: see there, also for faults.
//
// Whoever sends a credential is the same user of the one account. Signatures are not verified, and no credentials are
// issued: every other operation (AssumeRole and its like) is refused by name with InvalidAction. It keeps no data.
package sts
