package sfu

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"

	"github.com/pion/dtls/v3"
	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/sdp/v3"
	"github.com/pion/transport/v4/packetio"
	"github.com/pion/webrtc/v4"

	"parley/sfu/codec"
	"parley/sfu/feedback"
	"parley/sfu/packet"
)

// Header extensions that are negotiated.
const (
	uriAudioLevel   = sdp.AudioLevelURI
	uriTransportCC  = sdp.TransportCCURI
	uriMID          = sdp.SDESMidURI
	uriRID          = sdp.SDESRTPStreamIDURI
	uriRepairedRID  = sdp.SDESRepairRTPStreamIDURI
	uriDependencies = "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
)

// opusFormat asks for in-band FEC and for silence not to be sent (RFC 7587 section 6.1).
const opusFormat = "minptime=10;useinbandfec=1;usedtx=1"

// Payload types of sound, as browsers number them. Opus comes first: a browser sends redundant packets where its client
// switches them on.
const (
	opusPayloadType = 111
	redPayloadType  = 63
)

// videoCodec is a codec with its payload types; 0 has no retransmission.
type videoCodec struct {
	mime, format string
	pt, rtx      webrtc.PayloadType
}

// videoCodecs are those that browsers offer, in the order we prefer where we are the one who offers.
var videoCodecs = []videoCodec{
	{webrtc.MimeTypeVP8, "", 96, 97},
	{webrtc.MimeTypeVP9, "profile-id=0", 98, 99},
	{webrtc.MimeTypeAV1, "level-idx=5;profile=0;tier=0", 45, 46},
	{webrtc.MimeTypeH264, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f", 106, 107},
	{webrtc.MimeTypeH264, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f", 102, 103},
	{webrtc.MimeTypeH264, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=4d001f", 127, 125},
	{webrtc.MimeTypeH264, "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f", 112, 113},
	{webrtc.MimeTypeH264, "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f", 108, 109},
	{webrtc.MimeTypeH264, "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f", 104, 105},
}

// offeredVideo returns videoCodecs as Pion wants them, each with its retransmission.
func offeredVideo() []webrtc.RTPCodecParameters {
	feedback := []webrtc.RTCPFeedback{
		{Type: "transport-cc"}, {Type: "ccm", Parameter: "fir"}, {Type: "nack"}, {Type: "nack", Parameter: "pli"},
	}
	list := make([]webrtc.RTPCodecParameters, 0, 2*len(videoCodecs))
	for _, c := range videoCodecs {
		list = append(list,
			webrtc.RTPCodecParameters{PayloadType: c.pt, RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: c.mime, ClockRate: 90000, SDPFmtpLine: c.format, RTCPFeedback: feedback,
			}},
			webrtc.RTPCodecParameters{PayloadType: c.rtx, RTPCodecCapability: webrtc.RTPCodecCapability{
				MimeType: webrtc.MimeTypeRTX, ClockRate: 90000, SDPFmtpLine: fmt.Sprintf("apt=%d", c.pt),
			}})
	}
	return list
}

// newMediaEngine registers codecs and the header extensions of one direction.
func newMediaEngine(target Target) (*webrtc.MediaEngine, error) {
	m := &webrtc.MediaEngine{}
	if err := m.RegisterCodec(webrtc.RTPCodecParameters{
		PayloadType: opusPayloadType,
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2, SDPFmtpLine: opusFormat,
			RTCPFeedback: []webrtc.RTCPFeedback{{Type: "transport-cc"}, {Type: "nack"}},
		},
	}, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, err
	}
	if err := m.RegisterCodec(webrtc.RTPCodecParameters{
		PayloadType: redPayloadType,
		RTPCodecCapability: webrtc.RTPCodecCapability{
			MimeType: codec.RED, ClockRate: 48000, Channels: 2, SDPFmtpLine: redundantFormat(opusPayloadType),
			RTCPFeedback: []webrtc.RTCPFeedback{{Type: "transport-cc"}, {Type: "nack"}},
		},
	}, webrtc.RTPCodecTypeAudio); err != nil {
		return nil, err
	}
	for _, c := range offeredVideo() {
		if target == TargetSubscribe && len(c.RTCPFeedback) > 0 {
			c.RTCPFeedback = append(slices.Clone(c.RTCPFeedback), webrtc.RTCPFeedback{Type: "goog-remb"})
		}
		if err := m.RegisterCodec(c, webrtc.RTPCodecTypeVideo); err != nil {
			return nil, err
		}
	}
	audio := []string{uriAudioLevel, uriTransportCC}
	video := []string{uriTransportCC, uriDependencies}
	if target == TargetPublish {
		audio = append(audio, uriMID)
		video = append(video, uriMID, uriRID, uriRepairedRID)
	}
	for kind, uris := range map[webrtc.RTPCodecType][]string{webrtc.RTPCodecTypeAudio: audio, webrtc.RTPCodecTypeVideo: video} {
		for _, uri := range uris {
			if err := m.RegisterHeaderExtension(webrtc.RTPHeaderExtensionCapability{URI: uri}, kind); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// taps get what a connection receives, in its reading goroutines; they must not block.
type taps struct {
	media func(raw []byte, at int64) (taken bool) // SRTP from the socket; nil leaves it to Pion
	rtp   func(b []byte)                          // what Pion decrypts, before its readers
	rtcp  func(p rtcp.Packet)                     // as feedback.Each gives them
}

// buffer makes the buffer between the decrypted packets of an SSRC and their reader. RTCP is taken off here: each of its
// packets comes alone, once for every SSRC it is meant for.
func (t taps) buffer(kind packetio.BufferPacketType, ssrc uint32) io.ReadWriteCloser {
	b := packetio.NewBuffer()
	b.SetLimitSize(1 << 20)
	if kind == packetio.RTCPBufferPacket {
		return &rtcpTap{Buffer: b, ssrc: ssrc, on: t.rtcp}
	}
	return &rtpTap{Buffer: b, on: t.rtp}
}

type rtpTap struct {
	*packetio.Buffer
	on func(b []byte)
}

func (t *rtpTap) Write(b []byte) (int, error) {
	t.on(b)
	return t.Buffer.Write(b)
}

type rtcpTap struct {
	*packetio.Buffer
	ssrc uint32
	on   func(p rtcp.Packet)
}

func (t *rtcpTap) Write(b []byte) (int, error) {
	feedback.Each(b, func(p rtcp.Packet) {
		if to := p.DestinationSSRC(); len(to) == 0 || to[0] == t.ssrc {
			t.on(p)
		}
	})
	return len(b), nil
}

// newPeerConnection makes a connection on the SFU's ports, without interceptors: what they would do is done here.
func (s *SFU) newPeerConnection(c *connection) (*webrtc.PeerConnection, error) {
	m, err := newMediaEngine(c.target)
	if err != nil {
		return nil, err
	}
	se := webrtc.SettingEngine{LoggerFactory: s.pionLog, BufferFactory: c.taps.buffer}
	se.DisableMediaEngineCopy(true)
	se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	se.SetICETimeouts(s.cfg.DisconnectedAfter, s.cfg.FailedAfter, keepalive)
	se.SetReceiveMTU(packet.MaxSize)
	se.DisableActiveTCP(true)
	se.SetDTLSRetransmissionInterval(dtlsRetransmission)
	// ICE has shown already that the client is where it says: what HelloVerifyRequest would ask for a round trip for.
	se.SetDTLSInsecureSkipHelloVerify(true)
	se.SetSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80)
	se.SetDTLSKeyLogWriter(&c.keys)
	se.SetDTLSServerHelloMessageHook(c.keys.Hello)
	if s.cfg.net != nil {
		se.SetNet(s.cfg.net)
		se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	} else {
		s.usePorts(&se)
	}
	if err := se.SetAnsweringDTLSRole(webrtc.DTLSRoleServer); err != nil {
		return nil, err
	}
	none := &interceptor.Registry{} // without a registry Pion installs its own NACK, reports and feedback
	api := webrtc.NewAPI(webrtc.WithMediaEngine(m), webrtc.WithSettingEngine(se), webrtc.WithInterceptorRegistry(none))
	return api.NewPeerConnection(webrtc.Configuration{
		Certificates:  []webrtc.Certificate{s.certificate},
		BundlePolicy:  webrtc.BundlePolicyMaxBundle,
		RTCPMuxPolicy: webrtc.RTCPMuxPolicyRequire,
	})
}

func (s *SFU) usePorts(se *webrtc.SettingEngine) {
	var types []webrtc.NetworkType
	if s.ports.UDP != nil {
		se.SetICEUDPMux(s.ports.UDP)
		types = append(types, webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6)
	}
	if s.ports.TCP != nil {
		se.SetICETCPMux(s.ports.TCP)
		types = append(types, webrtc.NetworkTypeTCP4, webrtc.NetworkTypeTCP6)
	}
	se.SetNetworkTypes(types)
	se.SetIncludeLoopbackCandidate(true)
	se.SetIPFilter(func(ip net.IP) bool { return s.ports.Uses(ip) })
}

// extensionIDs reads the negotiated ids from a description; one id means the same in all of its sections (RFC 9143).
func extensionIDs(d *sdp.SessionDescription) *packet.Extensions {
	ids := &packet.Extensions{}
	for _, m := range d.MediaDescriptions {
		for _, a := range m.Attributes {
			if a.Key != sdp.AttrKeyExtMap {
				continue
			}
			var e sdp.ExtMap
			if e.Unmarshal(a.Key+":"+a.Value) != nil || e.URI == nil {
				continue
			}
			id := uint8(e.Value)
			switch e.URI.String() {
			case uriAudioLevel:
				ids.AudioLevel = id
			case uriTransportCC:
				ids.TransportCC = id
			case uriDependencies:
				ids.Dependencies = id
			case uriMID:
				ids.MID = id
			case uriRID:
				ids.RID = id
			case uriRepairedRID:
				ids.RepairedRID = id
			}
		}
	}
	return ids
}

// pionLog sends Pion's log to slog: everything one level lower, because what Pion warns of is a client's everyday life.
type pionLog struct{ log *slog.Logger }

func (p pionLog) NewLogger(scope string) logging.LeveledLogger {
	return pionScope{p.log.With("pion", scope)}
}

type pionScope struct{ log *slog.Logger }

func (pionScope) Trace(string)                   {}
func (pionScope) Tracef(string, ...any)          {}
func (pionScope) Debug(string)                   {}
func (pionScope) Debugf(string, ...any)          {}
func (p pionScope) Info(m string)                { p.log.Debug(m) }
func (p pionScope) Infof(f string, args ...any)  { p.debugf(f, args) }
func (p pionScope) Warn(m string)                { p.log.Debug(m) }
func (p pionScope) Warnf(f string, args ...any)  { p.debugf(f, args) }
func (p pionScope) Error(m string)               { p.log.Debug(m, "severity", "error") }
func (p pionScope) Errorf(f string, args ...any) { p.debugf(f, args) }

func (p pionScope) debugf(format string, args []any) {
	if p.log.Enabled(context.Background(), slog.LevelDebug) {
		p.log.Debug(fmt.Sprintf(format, args...))
	}
}
