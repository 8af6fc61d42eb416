package seal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/pion/rtcp"
	"github.com/pion/srtp/v3"
)

var profiles = map[int]srtp.ProtectionProfile{
	16: srtp.ProtectionProfileAeadAes128Gcm, 32: srtp.ProtectionProfileAeadAes256Gcm,
}

func report(t testing.TB, ssrc uint32, blocks int) []byte {
	r := &rtcp.ReceiverReport{SSRC: ssrc}
	for i := range blocks {
		r.Reports = append(r.Reports, rtcp.ReceptionReport{SSRC: uint32(i)})
	}
	return must(r.Marshal())(t)
}

func sealControl(t testing.TB, s *Session, packet []byte) []byte {
	sealed, ok := s.SealControl(make([]byte, len(packet)+ControlOverhead), packet)
	if !ok {
		t.Fatal("not sealed")
	}
	return sealed
}

func TestPionOpensReports(t *testing.T) {
	for size, profile := range profiles {
		key, salt := random(size), random(saltSize)
		s := must(NewSession(key, salt))(t)
		receiver := must(srtp.CreateContext(key, salt, profile, srtp.SRTCPReplayProtection(64)))(t)
		for i := range 300 {
			packet := report(t, uint32(1+i%3), i%5)
			opened, err := receiver.DecryptRTCP(nil, sealControl(t, s, packet), nil)
			if err != nil || !bytes.Equal(opened, packet) {
				t.Fatalf("%d: %v", i, err)
			}
		}
	}
}

func TestOpenReportsOfPion(t *testing.T) {
	for size, profile := range profiles {
		key, salt := random(size), random(saltSize)
		sender := must(srtp.CreateContext(key, salt, profile))(t)
		o := must(NewOpener(key, salt))(t)
		for i := range 300 {
			packet := report(t, uint32(1+i%3), i%5)
			sealed := must(sender.EncryptRTCP(nil, packet, nil))(t)
			again := slices.Clone(sealed)
			if opened, err := o.OpenControl(sealed); err != nil || !bytes.Equal(opened, packet) {
				t.Fatalf("%d: %v", i, err)
			}
			if _, err := o.OpenControl(again); !errors.Is(err, ErrRepeated) {
				t.Fatalf("a second time: %v", err)
			}
		}
	}
}

func TestOpenControlRefusesForgeries(t *testing.T) {
	key, salt := random(16), random(saltSize)
	sealed := sealControl(t, must(NewSession(key, salt))(t), report(t, 7, 1))
	o := must(NewOpener(key, salt))(t)
	for i := range sealed {
		forged := slices.Clone(sealed)
		forged[i] ^= 0x80
		if _, err := o.OpenControl(forged); err == nil {
			t.Errorf("byte %d changed and taken", i)
		}
		if _, err := o.OpenControl(slices.Clone(sealed[:i])); err == nil {
			t.Errorf("taken with %d bytes", i)
		}
	}
	if len(o.control.senders) != 0 {
		t.Error("forgeries make senders")
	}
	if _, err := o.OpenControl(sealed); err != nil {
		t.Error(err)
	}
}

func TestSendersAreBounded(t *testing.T) {
	key, salt := random(16), random(saltSize)
	s, o := must(NewSession(key, salt))(t), must(NewOpener(key, salt))(t)
	for i := range uint32(maxSenders) {
		if _, err := o.OpenControl(sealControl(t, s, report(t, i, 0))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.OpenControl(sealControl(t, s, report(t, maxSenders, 0))); !errors.Is(err, ErrSenders) {
		t.Errorf("one more: %v", err)
	}
	if _, err := o.OpenControl(sealControl(t, s, report(t, 0, 0))); err != nil {
		t.Errorf("a known one: %v", err)
	}
}

// Whoever seals at the same time as somebody else gets another index, which is what a nonce is made of.
func TestAControlIndexIsSealedOnce(t *testing.T) {
	s := must(NewSession(random(16), random(saltSize)))(t)
	const each = 500
	sealed := make([][]byte, 8*each)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range each {
				sealed[i*each+j] = sealControl(t, s, report(t, uint32(j%3), 1))
			}
		})
	}
	wg.Wait()
	seen := map[uint32]bool{}
	for _, b := range sealed {
		index := binary.BigEndian.Uint32(b[len(b)-4:])
		if index>>31 != 1 || seen[index] {
			t.Fatalf("index %x is used twice, or without the flag", index)
		}
		seen[index] = true
	}
	s.control.last = maxControlIndex - 2
	last := sealControl(t, s, report(t, 1, 0))
	if index := binary.BigEndian.Uint32(last[len(last)-4:]); index != 1<<32-1 {
		t.Errorf("the last index is %x", index)
	}
	if _, ok := s.SealControl(make([]byte, 100), report(t, 1, 0)); ok {
		t.Error("sealed beyond what the key may")
	}
	if _, ok := s.SealControl(make([]byte, 100), make([]byte, 7)); ok {
		t.Error("sealed less than a header")
	}
}

func FuzzOpenControl(f *testing.F) {
	key, salt := make([]byte, 16), make([]byte, saltSize)
	o := must(NewOpener(key, salt))(f)
	f.Add(sealControl(f, must(NewSession(key, salt))(f), report(f, 5, 2)))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = o.OpenControl(slices.Clone(b)) })
}

func BenchmarkSealAndOpenControl(b *testing.B) {
	key, salt := random(16), random(saltSize)
	s, o := must(NewSession(key, salt))(b), must(NewOpener(key, salt))(b)
	packet := report(b, 5, 3)
	to := make([]byte, len(packet)+ControlOverhead)
	b.ReportAllocs()
	for b.Loop() {
		sealed, _ := s.SealControl(to, packet)
		if _, err := o.OpenControl(sealed); err != nil {
			b.Fatal(err)
		}
	}
}
