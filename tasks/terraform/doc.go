// Package terraform finds or installs the terraform binary, points it at its providers and runs it.
//
// [Find] returns a binary that satisfies a version constraint: from the PATH, from a cache, or downloaded and verified.
// [ChooseProviders] decides where the providers come from on a machine that may have no way to the registry.
// [New] ties a binary to a configuration; [Terraform.Init], [Terraform.Plan], [Terraform.Apply] and the others run one command
// each, stream what terraform says and return an [*Error] whose reason ([ErrNoBucket], [ErrProviders], [ErrProfile],
// [*LockedError]) is told apart by what the user has to do next.
//
// # Interrupts
//
// A terraform that dies in the middle leaves its lock behind, and perhaps resources no state knows of. So a cancelled context
// means: one interrupt, and then waiting for as long as terraform needs. Nothing here ever kills it, and a command that had
// finished its work when the interrupt came is a success.
//
// It is not a general client: there are no workspaces, no imports, no targets and no provider development overrides.
package terraform
