// Hook empties the ECR repository that Terraform is about to delete. The destroy provisioner in main.tf starts it.
//
// It is a program of its own, and no target of the menu: Terraform deletes repositories at the same time, and two
// `go tool mage` in one checkout overwrite each other's generated file.
package main

import (
	"context"
	"fmt"
	"os"

	"envoy-proxy-poc/tasks/registry"
	"envoy-proxy-poc/tasks/session"
)

func main() {
	done := make(chan error, 1)
	ctx := context.Background()
	go func() { done <- session.End(ctx, registry.DestroyHook(ctx)) }() // beside main, as Mage runs a target
	if err := <-done; err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
}
