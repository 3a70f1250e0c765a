// Package doctor looks at everything that the targets need, changes nothing, and says how to fix what is missing.
package doctor
