// Package dev has the targets of those who work on this project: test, check and bench.
package dev
