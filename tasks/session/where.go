package session

// Where are the flags that say where a target works. A nil field means that the flag was not given.
type Where struct {
	Region, Profile *string
}

// Words are the flags as they were typed, for a hint that goes on.
func (a Where) Words() []string {
	var words []string
	if a.Region != nil {
		words = append(words, "-region="+*a.Region)
	}
	if a.Profile != nil {
		words = append(words, "-profile="+*a.Profile)
	}
	return words
}
