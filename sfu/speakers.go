package sfu

// Speakers finds out who speaks in one room, from the audio level extension (RFC 6464), without decoding.
type Speakers struct{}

// NewSpeakers starts detection for one room. onChange gets those who speak now, loudest first, when the list changes and
// at most five times a second; it is called from the detector's goroutine and must not block. Close ends it.
func (s *SFU) NewSpeakers(onChange func([]SpeakerLevel)) *Speakers { return &Speakers{} }

// Add takes an audio track into account.
func (s *Speakers) Add(t *Track) {}

// Remove forgets a track.
func (s *Speakers) Remove(t *Track) {}

// Close ends detection and waits for it. It is idempotent.
func (s *Speakers) Close() {}
