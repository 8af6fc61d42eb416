package signaling_test

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"parley/sfu"
	"parley/signaling/wire"
)

// gstreamer is a program that GStreamer's webrtcbin plays.
type gstreamer struct {
	t     *testing.T
	stdin io.Closer
	lines chan said
	ended chan error
}

// said is a line of what it tells.
type said struct {
	State    string
	Trickled int
	Deleted  int
	Colour   []int
	Peak     int
	Error    string
}

func (g *gate) gstreamer(mode, path, token, codec string, more ...string) *gstreamer {
	g.t.Helper()
	python := "/usr/bin/python3" // the one that Debian's bindings are for
	if out, err := exec.Command(python, "-c", "import gi; gi.require_version('GstWebRTC', '1.0')").CombinedOutput(); err != nil {
		g.t.Fatalf("GStreamer's bindings are not installed; .ci/install test installs them: %s", out)
	}
	arguments := append([]string{"testdata/gstreamer.py", mode, g.url + path, token, codec}, more...)
	command := exec.CommandContext(g.t.Context(), python, arguments...)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		g.t.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		g.t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		g.t.Fatal(err)
	}
	p := &gstreamer{t: g.t, stdin: stdin, lines: make(chan said, 65536), ended: make(chan error, 1)}
	go func() {
		scanner := bufio.NewScanner(stdout)
		for scanner.Scan() {
			var line said
			if json.Unmarshal(scanner.Bytes(), &line) == nil {
				p.lines <- line
			}
		}
		close(p.lines)
		p.ended <- command.Wait()
	}()
	g.t.Cleanup(func() {
		_ = stdin.Close()
		for range p.lines { // until it has ended
		}
	})
	return p
}

// tells waits for a line that matches.
func (p *gstreamer) tells(what string, match func(said) bool) {
	p.t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case line, ok := <-p.lines:
			switch {
			case !ok:
				p.t.Fatalf("GStreamer ended before it told %s", what)
			case line.Error != "":
				p.t.Fatalf("GStreamer: %s", line.Error)
			case match(line):
				return
			}
		case <-timeout:
			p.t.Fatalf("GStreamer does not tell %s", what)
		}
	}
}

// stop ends the session and the program.
func (p *gstreamer) stop() {
	p.t.Helper()
	_ = p.stdin.Close()
	p.tells("the end", func(s said) bool { return s.Deleted == 200 })
}

// sees waits for a picture of a colour, sees and hears for a tone as well.
func (p *gstreamer) sees(red, green, blue int) {
	p.t.Helper()
	near := func(have, want int) bool { return have-want < 48 && want-have < 48 }
	p.tells("the picture", func(s said) bool {
		return len(s.Colour) == 3 && near(s.Colour[0], red) && near(s.Colour[1], green) && near(s.Colour[2], blue)
	})
}

func (p *gstreamer) hears() {
	p.t.Helper()
	p.tells("the tone", func(s said) bool { return s.Peak > 5000 })
}

func TestGStreamerPublishesAndWatches(t *testing.T) {
	for _, codec := range []string{"vp8", "h264"} {
		t.Run(codec, func(t *testing.T) {
			g := newGate(t, open(), sfu.Config{})
			host := g.browser("host", "olga")
			host.join()
			red := g.gstreamer("publish", "/whip/abc-defg-hij", "pub", codec, "red")
			red.tells("a candidate that was taken", func(s said) bool { return s.Trickled == 204 })
			who := joins(host)
			list := publications(host, who.ID, 2)
			camera := list[wire.SourceCamera]
			if want := map[string]string{"vp8": "VP8", "h264": "H264"}[codec]; camera.Codec != want {
				t.Errorf("published %s", camera.Codec)
			}
			host.hears(list[wire.SourceMicrophone].ID)
			host.sees(camera.ID)
			host.hears(camera.ID)

			viewer := g.gstreamer("watch", "/whep/abc-defg-hij", "see", codec)
			viewer.sees(255, 0, 0)
			viewer.hears()

			// Another stream takes the place of one that a host stops: the same section shows it.
			blue := g.gstreamer("publish", "/whip/abc-defg-hij", "pub2", codec, "blue")
			blue.tells("that it is connected", func(s said) bool { return s.State == "connected" })
			host.do(&wire.MuteParticipant{ParticipantID: who.ID, Source: wire.SourceCamera})
			viewer.sees(0, 0, 255)
			host.do(&wire.AskUnmute{ParticipantID: who.ID, Source: wire.SourceCamera})
			blue.stop()
			viewer.sees(255, 0, 0)
			viewer.hears()
			red.stop()
			viewer.stop()
		})
	}
}
