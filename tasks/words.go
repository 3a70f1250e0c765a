package tasks

import "strconv"

// menu is how the user calls the targets: a hint can then be typed as it stands.
var menu = "mage"

// typed is a target as the user would type it now.
func typed(target string) string { return menu + " " + target }

// words are the flags as they were typed, for a hint that goes on.
func (a Account) words() []string {
	var words []string
	if a.Region != nil {
		words = append(words, "-region="+*a.Region)
	}
	if a.Profile != nil {
		words = append(words, "-profile="+*a.Profile)
	}
	return words
}

// count is a number of things: 1 image, 2 images.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
