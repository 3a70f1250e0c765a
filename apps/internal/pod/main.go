package pod

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Grace is for open connections to say goodbye, shorter than Kubernetes' 30 s before SIGKILL.
const Grace = 10 * time.Second

// Process is what a program has from the operating system. A test has its own.
type Process struct {
	Getenv         func(string) string
	Stdout, Stderr io.Writer
	Clock          Clock
}

// Main runs a program until it ends or a signal ends it, and exits with 0 or 1. A second signal ends it at once.
func Main(name string, run func(context.Context, Process) error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	if err := run(ctx, Process{Getenv: os.Getenv, Stdout: os.Stdout, Stderr: os.Stderr, Clock: Wall}); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}
