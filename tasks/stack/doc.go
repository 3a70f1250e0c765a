// Package stack runs Terraform over its state: plan, drift, output, the state's bucket and lock, and the parts of
// deploy and destroy that Terraform does.
//
// A target opens a [Stack], which starts nothing before it is known to be safe: the account is the one that locals.tf
// allows, the state is the one that backend.tf names, and nobody else works on it.
package stack
