package seal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/pion/srtp/v3"
)

// sealedByPion returns a packet as a client sends it.
func sealedByPion(t testing.TB, c *srtp.Context, ssrc uint32, seq uint16, payload []byte) (raw, sealed []byte) {
	raw = append(header(t, uint32(seq)*3000), payload...)
	binary.BigEndian.PutUint16(raw[2:], seq)
	binary.BigEndian.PutUint32(raw[8:], ssrc)
	return raw, must(c.EncryptRTP(nil, slices.Clone(raw), nil))(t)
}

func TestOpenWhatPionSeals(t *testing.T) {
	for _, size := range []int{16, 32} {
		key, salt := random(size), random(saltSize)
		profile := srtp.ProtectionProfileAeadAes128Gcm
		if size == 32 {
			profile = srtp.ProtectionProfileAeadAes256Gcm
		}
		sender := must(srtp.CreateContext(key, salt, profile))(t)
		o := must(NewOpener(key, salt))(t)
		to := make([]byte, 2000)
		// Over two rollovers, with losses; another stream beside.
		for index := 65000; index < 4*65536; index += 1 + index%977 {
			for _, ssrc := range []uint32{1, 0xfffffff0} {
				raw, sealed := sealedByPion(t, sender, ssrc, uint16(index), random(index%1200))
				n, err := o.Open(to, sealed)
				if err != nil || !bytes.Equal(to[:n], raw) {
					t.Fatalf("%d of %d: %v", index, ssrc, err)
				}
				if _, err := o.Open(to, sealed); !errors.Is(err, ErrRepeated) {
					t.Fatalf("a second time: %v", err)
				}
			}
		}
	}
}

func TestOpenTakesLatePackets(t *testing.T) {
	key, salt := random(16), random(saltSize)
	sender := must(srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm))(t)
	o := must(NewOpener(key, salt))(t)
	var sealed [][]byte
	for i := range 40 {
		_, b := sealedByPion(t, sender, 5, uint16(65520+i), []byte("x"))
		sealed = append(sealed, b)
	}
	to := make([]byte, 100)
	order := []int{0, 10, 30, 5, 15, 16, 14, 39, 20}
	for _, i := range order {
		if _, err := o.Open(to, sealed[i]); err != nil {
			t.Errorf("packet %d: %v", i, err)
		}
	}
}

func TestOpenRefusesForgeries(t *testing.T) {
	key, salt := random(16), random(saltSize)
	sender := must(srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm))(t)
	o := must(NewOpener(key, salt))(t)
	_, sealed := sealedByPion(t, sender, 5, 100, []byte("payload"))
	to := make([]byte, 2000)
	for i := range sealed {
		forged := slices.Clone(sealed)
		forged[i] ^= 0x10
		if _, err := o.Open(to, forged); err == nil || errors.Is(err, ErrForged) {
			t.Errorf("byte %d changed, before anything is known of the stream: %v", i, err)
		}
		if _, err := o.Open(to, sealed[:i]); err == nil {
			t.Errorf("taken with %d bytes", i)
		}
	}
	if len(o.streams) != 0 {
		t.Error("forgeries make streams")
	}
	if _, err := o.Open(to, sealed); err != nil {
		t.Error(err)
	}
	_, next := sealedByPion(t, sender, 5, 101, []byte("payload"))
	next[len(next)-1] ^= 0x10
	if _, err := o.Open(to, next); !errors.Is(err, ErrForged) {
		t.Errorf("a forgery in a stream that is known: %v", err)
	}
}

func TestFollowKeepsRollovers(t *testing.T) {
	key, salt := random(16), random(saltSize)
	sender := must(srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm))(t)
	o := must(NewOpener(key, salt))(t)
	to := make([]byte, 100)
	var last []byte
	for index := 0; index < 5*65536; index += 10_000 {
		_, last = sealedByPion(t, sender, 5, uint16(index), []byte("x"))
		if index < 4*65536 {
			o.Follow(5, uint16(index)) // somebody else opens these
		} else if _, err := o.Open(to, last); err != nil {
			t.Fatalf("%d: %v", index, err)
		}
	}
}

// Whoever opened the first packets may not have told of all of them: the rollover that lay among them is found.
func TestOpenFindsAMissedRollover(t *testing.T) {
	for name, followed := range map[string][]int{
		"nothing was followed": nil, "only what came after": {65540, 65541}, "only what came before": {65530},
	} {
		t.Run(name, func(t *testing.T) {
			key, salt := random(16), random(saltSize)
			sender := must(srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm))(t)
			o := must(NewOpener(key, salt))(t)
			to := make([]byte, 100)
			for index := 65530; index < 65600; index++ {
				_, sealed := sealedByPion(t, sender, 5, uint16(index), []byte("x"))
				switch {
				case slices.Contains(followed, index):
					o.Follow(5, uint16(index))
				case index >= 65550:
					if _, err := o.Open(to, sealed); err != nil {
						t.Fatalf("%d: %v", index, err)
					}
				}
			}
		})
	}
}

func FuzzOpen(f *testing.F) {
	key, salt := make([]byte, 16), make([]byte, saltSize)
	o := must(NewOpener(key, salt))(f)
	sender := must(srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm))(f)
	_, sealed := sealedByPion(f, sender, 5, 100, []byte("payload"))
	f.Add(sealed)
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = o.Open(make([]byte, len(b)), b)
	})
}

func BenchmarkOpen(b *testing.B) {
	key, salt := random(16), random(saltSize)
	sender := must(srtp.CreateContext(key, salt, srtp.ProtectionProfileAeadAes128Gcm))(b)
	o := must(NewOpener(key, salt))(b)
	to := make([]byte, 2000)
	_, sealed := sealedByPion(b, sender, 5, 100, random(1200))
	b.ReportAllocs()
	for b.Loop() {
		clear(o.streams)
		if _, err := o.Open(to, sealed); err != nil {
			b.Fatal(err)
		}
	}
}
