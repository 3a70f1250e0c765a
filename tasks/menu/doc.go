// Package menu knows which targets, words and flags there are. It reads them from the magefile, so that nothing is
// written twice, and it checks a whole command line before the first target runs.
package menu
