// Package e2e has no code, only tests that play the compiled menu as a user would: with the real Terraform and
// provider, an empty HOME, and a local AWS of their own.
//
//	stories     scripts below testdata/script, one story a file
//	documents   the commands of the README and of docs/, typed as they stand
//	workflows   the steps of .github/workflows, and the IAM policies that they need
//	clients     docker, podman and skopeo, which read what ecr:login wrote
//	interrupts  Ctrl-C at random moments of a deploy
//	bench       comparisons with what this suite replaces
package e2e
