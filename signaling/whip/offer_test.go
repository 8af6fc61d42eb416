package whip

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"parley/internal/fault"
	"parley/signaling/wire"
)

func lines(l ...string) string { return strings.Join(l, "\r\n") + "\r\n" }

func TestTracksOfAnOffer(t *testing.T) {
	const audio, video = "m=audio 9 UDP/TLS/RTP/SAVPF 111", "m=video 9 UDP/TLS/RTP/SAVPF 96"
	for name, c := range map[string]struct {
		offer  string
		source wire.Source
		want   []wire.PublishTrack
		err    error
	}{
		"a camera and a microphone": {
			lines("v=0", audio, "a=mid:a", "a=sendonly", video, "a=mid:v", "a=sendrecv"), wire.SourceCamera,
			[]wire.PublishTrack{{MID: "a", Source: wire.SourceMicrophone}, {MID: "v", Source: wire.SourceCamera}}, nil,
		},
		"a share": {
			lines("v=0", video, "a=mid:0", "a=sendonly", audio, "a=mid:1", "a=sendonly"), wire.SourceScreen,
			[]wire.PublishTrack{
				{MID: "0", Source: wire.SourceScreen, ShareID: shareID, Hint: wire.HintMotion},
				{MID: "1", Source: wire.SourceScreenAudio, ShareID: shareID},
			}, nil,
		},
		"no direction means both": {lines("v=0", audio, "a=mid:0"), wire.SourceCamera, []wire.PublishTrack{{MID: "0", Source: wire.SourceMicrophone}}, nil},
		"a direction for all": {
			lines("v=0", "a=recvonly", audio, "a=mid:0", video, "a=mid:1", "a=sendonly"), wire.SourceCamera,
			[]wire.PublishTrack{{MID: "1", Source: wire.SourceCamera}}, nil,
		},
		"data beside it":     {lines("v=0", audio, "a=mid:0", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:1"), wire.SourceCamera, []wire.PublishTrack{{MID: "0", Source: wire.SourceMicrophone}}, nil},
		"a rejected section": {lines("v=0", "m=video 0 UDP/TLS/RTP/SAVPF 96", "a=mid:0", audio, "a=mid:1"), wire.SourceCamera, []wire.PublishTrack{{MID: "1", Source: wire.SourceMicrophone}}, nil},
		"two pictures":       {lines("v=0", video, "a=mid:0", video, "a=mid:1"), wire.SourceCamera, nil, fault.SDPInvalid},
		"only receives":      {lines("v=0", video, "a=mid:0", "a=recvonly"), wire.SourceCamera, nil, fault.SDPInvalid},
		"sound of no share":  {lines("v=0", audio, "a=mid:0"), wire.SourceScreen, nil, fault.SDPInvalid},
		"empty":              {"", wire.SourceCamera, nil, fault.BadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			sections, err := readOffer(c.offer)
			var got []wire.PublishTrack
			if err == nil {
				got, err = tracksOf(sections, c.source)
			}
			if !errors.Is(err, c.err) || !slices.Equal(got, c.want) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func FuzzReadOffer(f *testing.F) {
	f.Add(lines("v=0", "a=recvonly", "m=audio 9 X 111", "a=mid:0", "m=video 0 X 96", "a=mid:1", "a=sendonly"))
	f.Add("v=0m=\na=mid\na=")
	f.Fuzz(func(t *testing.T, text string) {
		sections, err := readOffer(text)
		if err != nil {
			return
		}
		if len(sections) > strings.Count(text, "m=") {
			t.Errorf("%d sections in %q", len(sections), text)
		}
		_, _ = tracksOf(sections, wire.SourceCamera)
	})
}
