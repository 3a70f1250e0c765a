// Package images builds the images of locals.tf, pushes them to ECR, moves their tags, and promotes them to another
// environment.
//
// Whatever would make a push fail is asked before anything is built. A tag is the last thing that a push writes.
package images
