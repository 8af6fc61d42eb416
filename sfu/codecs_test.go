package sfu

import (
	"strings"
	"testing"
)

func TestWithOurOpus(t *testing.T) {
	offer := func(opus string) string {
		return "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\n" +
			"a=rtpmap:111 opus/48000/2\r\n" + opus + "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n"
	}
	for name, c := range map[string]struct{ told, want string }{
		"as ours":              {"a=fmtp:111 minptime=10;useinbandfec=1\r\n", "a=fmtp:111 minptime=10;useinbandfec=1\r\n"},
		"more than ours":       {"a=fmtp:111 useinbandfec=1; stereo=1\r\n", "a=fmtp:111 useinbandfec=1; stereo=1\r\n"},
		"another than ours":    {"a=fmtp:111 stereo=1;useinbandfec=0\r\n", "a=fmtp:111 stereo=1\r\n"},
		"only another's":       {"a=fmtp:111 useinbandfec=0\r\n", ""},
		"nothing":              {"", ""},
		"another one's format": {"a=fmtp:63 useinbandfec=0\r\n", "a=fmtp:63 useinbandfec=0\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := withOurOpus(offer(c.told)); got != offer(c.want) {
				t.Errorf("%q", got)
			}
		})
	}
	// What is not changed stays as it was written, also where it would be written otherwise.
	odd := strings.ReplaceAll(offer(""), "\r\n", "\n")
	if got := withOurOpus(odd); got != odd {
		t.Errorf("%q", got)
	}
}
