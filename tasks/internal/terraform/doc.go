// Package terraform finds or installs the terraform binary, points it at its providers and runs it.
//
// [Find] returns a binary that satisfies a version constraint: from the PATH, from a cache, or downloaded and verified.
// [ChooseProviders] decides where the providers come from on a machine that may have no way to the registry. [New] ties
// a binary to a configuration; [Terraform.Init], [Terraform.Plan], [Terraform.Apply] and the others run one command
// each, stream what terraform says and return an [*Error]. Its reason ([awserr.ErrNoBucket], [ErrProviders],
// [*LockedError]) tells what the user has to do next. A [Plan] is not streamed but returned, read off terraform's events
// and, for the values of changed attributes, off the saved plan.
//
// # The data folder
//
// terraform keeps there which backend it was initialised for, but not at which endpoint. So a stamp beside it says so,
// [Terraform.Prepare] initialises a folder that is not of this configuration and endpoint, and a run has the folder for
// itself: [Terraform.Occupy].
//
// # Interrupts
//
// A terraform that dies in the middle leaves its lock behind, and perhaps resources no state knows of. So a cancelled
// context means: one interrupt, and then waiting for as long as terraform needs. Nothing here ever kills it, and a
// command that had finished its work when the interrupt came is a success.
//
// It is not a general client: there are no workspaces, no targets and no provider development overrides.
package terraform
