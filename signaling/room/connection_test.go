package room

import (
	"testing"

	"parley/signaling/wire"
)

func TestConnectionThatTheOthersSee(t *testing.T) {
	mic := wire.PublishTrack{MID: "0", Source: wire.SourceMicrophone}
	for name, c := range map[string]struct {
		publishes, hears, socketLost bool
		lost                         Lost
		want                         wire.Connection
	}{
		"all is well":               {true, true, false, Lost{}, wire.Connected},
		"publish connection lost":   {true, true, false, Lost{Publish: true}, wire.Reconnecting},
		"subscribe connection lost": {true, true, false, Lost{Subscribe: true}, wire.Reconnecting},
		"both lost":                 {true, true, false, Lost{true, true}, wire.Reconnecting},
		"socket lost":               {true, true, true, Lost{}, wire.Reconnecting},
		"publish connection lost that carries nothing":   {false, true, false, Lost{Publish: true}, wire.Connected},
		"subscribe connection lost that carries nothing": {true, false, false, Lost{Subscribe: true}, wire.Connected},
		"without media":                 {false, false, false, Lost{true, true}, wire.Connected},
		"without media and socket lost": {false, false, true, Lost{}, wire.Reconnecting},
	} {
		t.Run(name, func(t *testing.T) {
			b := newTable(t, open)
			b.seat("host", organizer)
			b.seat("m", colleague)
			if c.publishes {
				b.publish("m", mic)
			}
			if c.hears {
				b.publish("host", mic)
			}
			b.forget()
			b.record(b.s.SetLost("m", c.lost))
			if c.socketLost {
				b.drop("m")
			}
			told := wire.Connected
			updates := got[*wire.ParticipantUpdated](b, "host")
			for _, u := range updates {
				told = u.Participant.Connection
			}
			if told != c.want || len(updates) > 1 {
				t.Errorf("the host is told %q in %d messages, want %q", told, len(updates), c.want)
			}
			b.seat("late", outsider)
			if joined := got[*wire.Joined](b, "late"); joined[0].Participants[1].Connection != c.want {
				t.Errorf("who comes later is told %q, want %q", joined[0].Participants[1].Connection, c.want)
			}
		})
	}
}

func TestALostConnectionIsBackWithItsMedia(t *testing.T) {
	lose := func(lost Lost) func(b *table) {
		return func(b *table) { b.record(b.s.SetLost("m", lost)) }
	}
	resume := func(newMedia bool) func(b *table) {
		return func(b *table) {
			if err := b.resume("m", "token-m", newMedia); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	drop := func(b *table) { b.drop("m") }
	publish := func(tracks ...wire.PublishTrack) func(b *table) {
		return func(b *table) { b.publish("m", tracks...) }
	}
	for name, c := range map[string]struct {
		steps []func(b *table)
		want  wire.Connection
	}{
		"media are back":                 {[]func(*table){lose(Lost{true, true}), lose(Lost{})}, wire.Connected},
		"one of two is back":             {[]func(*table){lose(Lost{true, true}), lose(Lost{Subscribe: true})}, wire.Reconnecting},
		"resumed before its media":       {[]func(*table){lose(Lost{true, true}), drop, resume(false)}, wire.Reconnecting},
		"resumed, then its media":        {[]func(*table){lose(Lost{true, true}), drop, resume(false), lose(Lost{})}, wire.Connected},
		"media back before it resumed":   {[]func(*table){lose(Lost{true, true}), drop, lose(Lost{})}, wire.Reconnecting},
		"resumed with new media":         {[]func(*table){lose(Lost{true, true}), drop, resume(true)}, wire.Connected},
		"stopped publishing":             {[]func(*table){lose(Lost{Publish: true}), publish()}, wire.Connected},
		"publishes on a lost connection": {[]func(*table){publish(), lose(Lost{Publish: true}), publish(wire.PublishTrack{MID: "1", Source: wire.SourceCamera})}, wire.Reconnecting},
	} {
		t.Run(name, func(t *testing.T) {
			b := newTable(t, open)
			b.seat("host", organizer)
			b.seat("m", colleague)
			b.publish("m", wire.PublishTrack{MID: "0", Source: wire.SourceMicrophone})
			b.publish("host", wire.PublishTrack{MID: "0", Source: wire.SourceMicrophone})
			told := wire.Connected
			for _, step := range c.steps {
				b.forget()
				step(b)
				for _, u := range got[*wire.ParticipantUpdated](b, "host") {
					told = u.Participant.Connection
				}
			}
			if told != c.want {
				t.Errorf("the host is told %q, want %q", told, c.want)
			}
		})
	}
}
