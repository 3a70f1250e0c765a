// Package e2e has no code, only tests that play the compiled menu as a user would: with the real Terraform and
// provider, an empty HOME, and a local AWS of their own. They look inside nothing. The world that they play in is made
// in world_test.go; the other files are named by subject:
//
//	stories     scripts below testdata/script, one story a file
//	menu        the list of targets and the help of each
//	documents   the commands of the README and of docs/, typed as they stand
//	workflows   the steps of .github/workflows, and the policies that they need
//	credentials each kind of credentials, from small servers that issue them and count what they are asked
//	refusals    what can never work: the target and doctor say the same remedy
//	clients     docker, podman and skopeo, which read the file that ecr:login wrote
//	interrupts  Ctrl-C at random moments of a deploy
//	providers   Terraform's providers must not outlive a test
//	bench       comparisons with what this suite replaces
package e2e
