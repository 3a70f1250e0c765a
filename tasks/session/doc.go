// Package session is what a target starts from: the [Project] on disk and its console, and the [Session] with the
// project's settings and the AWS [Account] that they name.
//
// It also has what all targets share when they talk to a person or end: questions, exit codes, and signals.
package session
