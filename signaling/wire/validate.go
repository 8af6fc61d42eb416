package wire

func (m *Hello) Validate() error { return nil }
func (m *Publish) Validate() error { return nil }
func (m *SubscribeAnswer) Validate() error { return nil }
func (m *Candidate) Validate() error { return nil }
func (m *RestartICE) Validate() error { return nil }
func (m *View) Validate() error { return nil }
func (m *SetMuted) Validate() error { return nil }
func (m *SetHint) Validate() error { return nil }
func (m *RaiseHand) Validate() error { return nil }
func (m *SendReaction) Validate() error { return nil }
func (m *Rename) Validate() error { return nil }
func (m *Leave) Validate() error { return nil }
func (m *Ping) Validate() error { return nil }
func (m *Admit) Validate() error { return nil }
func (m *Refuse) Validate() error { return nil }
func (m *MuteParticipant) Validate() error { return nil }
func (m *MuteAll) Validate() error { return nil }
func (m *AskUnmute) Validate() error { return nil }
func (m *Remove) Validate() error { return nil }
func (m *LowerHands) Validate() error { return nil }
func (m *SetRole) Validate() error { return nil }
func (m *TransferHost) Validate() error { return nil }
func (m *Spotlight) Validate() error { return nil }
func (m *UpdateSettings) Validate() error { return nil }
func (m *End) Validate() error { return nil }
func (m *ReportStats) Validate() error { return nil }
