package session

// Where are the flags that say where a target works. A nil field means that the flag was not given.
type Where struct {
	Region, Profile *string
}

// Words are the flags as they were typed, for a hint that repeats them.
func (w Where) Words() []string {
	var words []string
	if w.Region != nil {
		words = append(words, "-region="+*w.Region)
	}
	if w.Profile != nil {
		words = append(words, "-profile="+*w.Profile)
	}
	return words
}
