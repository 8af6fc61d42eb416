package seal

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	mathrand "math/rand/v2"
	"net"
	"slices"
	"testing"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/selfsign"
	dtlsnet "github.com/pion/dtls/v3/pkg/net"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/pion/transport/v4/dpipe"
)

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func header(t testing.TB, ts uint32) []byte {
	h := rtp.Header{Version: 2, PayloadType: 96, Marker: true, Timestamp: ts}
	if err := h.SetExtension(3, []byte{1, 2}); err != nil {
		t.Fatal(err)
	}
	return must(h.Marshal())(t)
}

// seal puts a packet through a stream as a sender does.
func seal(t testing.TB, s *Stream, index uint64, payload []byte) ([]byte, bool) {
	h := header(t, uint32(index)*3000)
	to := make([]byte, len(h)+len(payload)+Overhead)
	copy(to, h)
	return s.Seal(to, len(h), payload, index)
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func TestPionOpensWhatIsSealed(t *testing.T) {
	for name, c := range map[string]struct {
		profile srtp.ProtectionProfile
		key     int
	}{
		"AEAD_AES_128_GCM": {srtp.ProtectionProfileAeadAes128Gcm, 16},
		"AEAD_AES_256_GCM": {srtp.ProtectionProfileAeadAes256Gcm, 32},
	} {
		t.Run(name, func(t *testing.T) {
			key, salt := random(c.key), random(saltSize)
			s := must(NewSession(key, salt))(t)
			receiver := must(srtp.CreateContext(key, salt, c.profile))(t)
			st := s.Stream(0xdecafbad)
			// Over two rollovers, some lost, some late.
			for _, index := range []uint64{32000, 32001, 32005, 32003, 60000, 65535, 65537, 65536, 90000, 120000, 131071, 131072, 131080} {
				payload := random(1 + int(index%1200))
				sealed, ok := seal(t, st, index, payload)
				if !ok {
					t.Fatalf("%d not sealed", index)
				}
				opened := must(receiver.DecryptRTP(nil, sealed, nil))(t)
				var p rtp.Packet
				if err := p.Unmarshal(opened); err != nil {
					t.Fatal(err)
				}
				if p.SequenceNumber != uint16(index) || p.SSRC != 0xdecafbad || !bytes.Equal(p.Payload, payload) || !bytes.Equal(p.GetExtension(3), []byte{1, 2}) {
					t.Fatalf("%d opened as %v", index, &p)
				}
			}
		})
	}
}

func TestAnIndexIsSealedOnce(t *testing.T) {
	s := must(NewSession(random(16), random(saltSize)))(t)
	st := s.Stream(7)
	if s.Stream(7) != st {
		t.Fatal("a second stream of one SSRC")
	}
	// Against the plain truth: a set, and the age.
	seen := map[uint64]bool{}
	var highest uint64 = 5000
	r := mathrand.New(mathrand.NewPCG(1, 2))
	for range 50_000 {
		index := highest + uint64(r.IntN(40)) - 30
		switch r.IntN(200) {
		case 0:
			index = highest + uint64(r.IntN(3*windowSize))
		case 1:
			index = highest - uint64(r.IntN(2000))
		}
		_, ok := seal(t, st, index, []byte{1})
		want := !seen[index] && (index > highest || len(seen) == 0 || highest-index < windowSize)
		if ok != want {
			t.Fatalf("index %d after %d: sealed %v, want %v", index, highest, ok, want)
		}
		if ok {
			seen[index] = true
			if len(seen) == 1 {
				highest = index
			}
			highest = max(highest, index)
		}
	}
	if _, ok := seal(t, st, maxIndex, []byte{1}); ok {
		t.Error("sealed beyond what the key may")
	}
}

func TestSealAgainIsBitForBit(t *testing.T) {
	st := must(NewSession(random(16), random(saltSize)))(t).Stream(7)
	payload := random(100)
	h := header(t, 3000)
	again := func(h, payload []byte, tag [Overhead]byte) ([]byte, bool) {
		to := make([]byte, len(h)+len(payload)+Overhead)
		copy(to, h)
		return st.SealAgain(to, len(h), payload, 100, tag)
	}
	to := make([]byte, len(h)+len(payload)+Overhead)
	copy(to, h)
	first, ok := st.Seal(to, len(h), payload, 100)
	if !ok {
		t.Fatal("not sealed")
	}
	tag := [Overhead]byte(first[len(first)-Overhead:])
	if second, ok := again(h, payload, tag); !ok || !bytes.Equal(first, second) {
		t.Error("the same packet was refused or differs")
	}
	other := slices.Clone(h)
	other[len(other)-2]++ // another transport-wide number
	if b, ok := again(other, payload, tag); ok {
		t.Errorf("another header was sealed with a number that was used: %x", b)
	}
	if _, ok := again(h, random(100), tag); ok {
		t.Error("another payload was sealed with a number that was used")
	}
}

func TestNewSessionRefusesOtherKeys(t *testing.T) {
	for _, n := range [][2]int{{0, 12}, {16, 14}, {24, 12}, {32, 0}} {
		if _, err := NewSession(make([]byte, n[0]), make([]byte, n[1])); err == nil {
			t.Errorf("key of %d and salt of %d bytes taken", n[0], n[1])
		}
	}
}

// handshakes makes a DTLS connection whose server the tap listens to, and returns the server's keys as the connection
// itself exports them.
func handshakes(t *testing.T, tap *KeyTap, suite dtls.CipherSuiteID, profiles ...dtls.SRTPProtectionProfile) (keys *srtp.Config) {
	t.Helper()
	a, b := dpipe.Pipe()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	certificate := must(selfsign.SelfSign(key))(t)
	config := func() *dtls.Config {
		return &dtls.Config{
			Certificates: []tls.Certificate{certificate}, InsecureSkipVerify: true, SRTPProtectionProfiles: profiles,
			CipherSuites: []dtls.CipherSuiteID{suite}, ExtendedMasterSecret: dtls.RequireExtendedMasterSecret,
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	client := must(dtls.Client(dtlsnet.PacketConnFromConn(a), addr(a), config()))(t)
	go func() { done <- client.HandshakeContext(ctx) }()
	sc := config()
	sc.KeyLogWriter, sc.ServerHelloMessageHook = tap, tap.Hello
	server := must(dtls.Server(dtlsnet.PacketConnFromConn(b), addr(b), sc))(t)
	if err := server.HandshakeContext(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = client.Close()
		_ = server.Close()
	})
	state, ok := server.ConnectionState()
	if !ok {
		t.Fatal("no connection state")
	}
	profile, ok := server.SelectedSRTPProtectionProfile()
	if !ok {
		t.Fatal("no profile")
	}
	keys = &srtp.Config{Profile: srtp.ProtectionProfile(profile)}
	if err := keys.ExtractSessionKeysFromDTLS(&state, false); err != nil {
		t.Fatal(err)
	}
	return keys
}

func addr(c net.Conn) net.Addr { return c.RemoteAddr() }

func TestKeyTapGivesTheKeysOfTheConnection(t *testing.T) {
	for name, profile := range map[string]dtls.SRTPProtectionProfile{
		"128": dtls.SRTP_AEAD_AES_128_GCM, "256": dtls.SRTP_AEAD_AES_256_GCM,
	} {
		t.Run(name, func(t *testing.T) {
			var tap KeyTap
			keys := handshakes(t, &tap, dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, profile)
			s, o, ok := tap.Session()
			if !ok {
				t.Fatal("no session")
			}
			receiver := must(srtp.CreateContext(keys.Keys.LocalMasterKey, keys.Keys.LocalMasterSalt, keys.Profile))(t)
			sealed, ok := seal(t, s.Stream(9), 1000, []byte("hello"))
			if !ok {
				t.Fatal("not sealed")
			}
			if _, err := receiver.DecryptRTP(nil, sealed, nil); err != nil {
				t.Error(err)
			}
			client := must(srtp.CreateContext(keys.Keys.RemoteMasterKey, keys.Keys.RemoteMasterSalt, keys.Profile))(t)
			raw := append(header(t, 7), "hello"...)
			to := make([]byte, 100)
			if n, err := o.Open(to, must(client.EncryptRTP(nil, raw, nil))(t)); err != nil || !bytes.Equal(to[:n], raw) {
				t.Errorf("opened %q: %v", to[:n], err)
			}
			packet := report(t, 9, 1)
			if opened, err := receiver.DecryptRTCP(nil, sealControl(t, s, packet), nil); err != nil || !bytes.Equal(opened, packet) {
				t.Errorf("a report of ours: %v", err)
			}
			if opened, err := o.OpenControl(must(client.EncryptRTCP(nil, packet, nil))(t)); err != nil || !bytes.Equal(opened, packet) {
				t.Errorf("a report of the client: %v", err)
			}
			if _, _, ok := tap.Session(); ok {
				t.Error("the secrets were kept")
			}
		})
	}
}

func TestKeyTapLeavesOtherConnectionsAlone(t *testing.T) {
	for name, c := range map[string]struct {
		suite   dtls.CipherSuiteID
		profile dtls.SRTPProtectionProfile
	}{
		"other suite":   {dtls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, dtls.SRTP_AEAD_AES_128_GCM},
		"other profile": {dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, dtls.SRTP_AES128_CM_HMAC_SHA1_80},
	} {
		t.Run(name, func(t *testing.T) {
			var tap KeyTap
			handshakes(t, &tap, c.suite, c.profile)
			if _, _, ok := tap.Session(); ok {
				t.Error("took it over")
			}
		})
	}
	var tap KeyTap
	for _, line := range []string{"", "CLIENT_RANDOM", "CLIENT_RANDOM xx yy", "CLIENT_RANDOM 00 zz", "SERVER 00 00"} {
		if n, err := tap.Write([]byte(line)); n != len(line) || err != nil {
			t.Errorf("%q: %d %v", line, n, err)
		}
	}
	if _, _, ok := tap.Session(); ok {
		t.Error("a session out of nothing")
	}
}

func BenchmarkSeal(b *testing.B) {
	st := must(NewSession(random(16), random(saltSize)))(b).Stream(7)
	payload := random(1200)
	h := header(b, 3000)
	to := make([]byte, len(h)+len(payload)+Overhead)
	copy(to, h)
	b.SetBytes(int64(len(payload)))
	b.ReportAllocs()
	for i := uint64(0); b.Loop(); i++ {
		if _, ok := st.Seal(to, len(h), payload, i); !ok {
			b.Fatal("refused")
		}
	}
}
