package obs

import (
	"runtime"
	"runtime/debug"
)

// Version is set by the build: -ldflags "-X parley/internal/obs.Version=v1.2.3".
var Version = "dev"

// Build describes the running binary.
type Build struct {
	Version  string
	Revision string
	Go       string
	Platform string
}

// BuildInfo answers what is known about the running binary.
func BuildInfo() Build {
	b := Build{Version: Version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				b.Revision = s.Value
			}
		}
	}
	return b
}

func (b Build) String() string {
	text := "parley " + b.Version
	if b.Revision != "" {
		text += " (" + b.Revision + ")"
	}
	return text + ", " + b.Go + ", " + b.Platform
}
