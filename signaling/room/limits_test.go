package room

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"parley/signaling/wire"
)

func TestLimitsOfTheProtocol(t *testing.T) {
	text, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	for row, limit := range map[string]int{
		"audios that a participant receives":              MaxAudios,
		"videos that a participant receives":              MaxVideos,
		"participants of one person":                      MaxDevices,
		"shares of one participant":                       MaxSharesPerPerson,
		"shares of the meeting":                           MaxShares,
		"boards that are open in the meeting":             MaxBoards,
		"people in the lobby":                             MaxWaiting,
		"participants, unless the meeting says otherwise": DefaultMaxParticipants,
		"resume, seconds":                                 int(ResumeGrace.Seconds()),
		"meeting without participants, seconds":           int(EmptyGrace.Seconds()),
	} {
		if line := fmt.Sprintf("\n| %s | %d |\n", row, limit); !strings.Contains(string(text), line) {
			t.Errorf("PROTOCOL.md does not say%s", line)
		}
	}
	knocks := fmt.Sprintf("may knock again after %.0f s, and after twice as long each further time, up to five minutes", firstKnockPause.Seconds())
	if !strings.Contains(string(text), knocks) || longestKnockPause.Minutes() != 5 {
		t.Error("PROTOCOL.md does not say how long who was refused has to wait")
	}
}

// TestAnswersFitAMessage reckons with the longest answers that were measured: Chromium's, with videos in H.264. The
// lengths in JSON have two bytes more for each line.
func TestAnswersFitAMessage(t *testing.T) {
	const (
		base, audio, video             = 1467, 586, 676
		baseJSON, audioJSON, videoJSON = 1529, 624, 718
		candidates                     = 1500 // of a machine with ten addresses
		turned                         = 4    // audios that are replaced at once
	)
	for name, sections := range map[string]struct{ audios, videos int }{
		"a page of videos is turned":  {MaxAudios + turned, 2 * MaxVideos},
		"all audios become different": {2 * MaxAudios, MaxVideos},
	} {
		sdp := base + candidates + sections.audios*audio + sections.videos*video
		message := baseJSON + candidates + sections.audios*audioJSON + sections.videos*videoJSON
		if sdp > wire.MaxSDPBytes || message > wire.MaxMessageBytes {
			t.Errorf("%s: %d bytes of SDP, %d of a message", name, sdp, message)
		}
	}
}
