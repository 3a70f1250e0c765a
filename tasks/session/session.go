package session

import (
	"os"
	"sync"

	"envoy-proxy-poc/tasks/internal/console"
	"envoy-proxy-poc/tasks/internal/settings"
)

// Session is what a target that works on AWS starts from: the project, its settings, and the account they name.
type Session struct {
	*console.Console
	Project  *Project
	Settings settings.Settings
	AWS      Account
	Changed  bool // the run has changed something, before it asks its question
}

// Open finds the project, reads its settings, and warns of what is unusual in them.
func Open(flags Where) (*Session, error) {
	p, err := Find()
	if err != nil {
		return nil, err
	}
	s, err := Read(p, flags)
	if err != nil {
		return nil, err
	}
	for _, text := range s.Settings.Warnings {
		warnOnce(s.Console, text)
	}
	return s, nil
}

// Read reads the project's settings.
func Read(p *Project, flags Where) (*Session, error) {
	loaded, err := settings.Load(p.Path(Terraforms), settings.Override{
		Region: flags.Region, Profile: flags.Profile, LookupEnv: os.LookupEnv,
	})
	if err != nil {
		return nil, err
	}
	return &Session{
		Console: p.Console, Project: p, Settings: loaded,
		AWS: Account{Profile: loaded.Profile, Region: loaded.Region, Pinned: loaded.Account},
	}, nil
}

// warned holds the warnings of this process: several targets on one command line read the same settings.
var warned sync.Map

func warnOnce(c *console.Console, text string) {
	if _, said := warned.LoadOrStore(text, true); !said {
		c.Warn("%s", text)
	}
}
