// Package local points the targets at the local AWS: `mage local …` runs them against it within this process, and
// `mage serve` serves it to other programs. Only addresses change: the targets read the same settings as on AWS.
package local
