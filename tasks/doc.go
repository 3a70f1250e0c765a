// Package tasks says what the targets of the menu mean: which settings a target takes, which mechanisms it calls in
// which order, and what it prints. Each family of targets has a package below this one; deploy, destroy and ship need
// several families, so they are in this package.
//
// The answer goes to stdout and the story to stderr. An error ends with a hint where there is something to type next.
//
//	stack     Terraform over its state: plan, drift, output, state:*, providers:lock
//	images    build, push and tag images
//	registry  what looks at ECR and into it: ecr:login, status, cleanup, scan, retention
//	local     the local AWS: local, serve
//	doctor    what is missing on this machine
//	dev       test, check, bench
//	session   the project, its settings, the AWS account, and questions to the user
//	menu      which targets, words and flags there are
//	internal  how it is done: packages that print nothing and read no environment
//	localaws  the AWS of local mode, a program of its own
//	e2e       tests that play the compiled menu on real parts
package tasks
