package signaling

import (
	"crypto/hmac"
	"crypto/sha1" // the TURN REST API prescribes HMAC-SHA1
	"encoding/base64"
	"strconv"
	"time"

	"parley/signaling/wire"
)

// defaultTURNLifetime is how long an expiring TURN account lives.
const defaultTURNLifetime = 12 * time.Hour

// ICEServer is a STUN or TURN service that clients are told of. With a Secret each participant gets an account that
// expires, as coturn and others check it (draft-uberti-behave-turn-rest-00); else Username and Credential are given
// as they are.
type ICEServer struct {
	URLs       []string
	Username   string
	Credential string
	Secret     string
	TTL        time.Duration // Defaults to 12 h
}

func iceServers(servers []ICEServer, participantID string, now time.Time) []wire.ICEServer {
	list := make([]wire.ICEServer, 0, len(servers))
	for _, s := range servers {
		one := wire.ICEServer{URLs: s.URLs, Username: s.Username, Credential: s.Credential}
		if s.Secret != "" {
			one.Username, one.Credential = s.account(participantID, now)
		}
		list = append(list, one)
	}
	return list
}

func (s ICEServer) account(participantID string, now time.Time) (username, credential string) {
	lifetime := s.TTL
	if lifetime <= 0 {
		lifetime = defaultTURNLifetime
	}
	username = strconv.FormatInt(now.Add(lifetime).Unix(), 10) + ":" + participantID
	mac := hmac.New(sha1.New, []byte(s.Secret))
	mac.Write([]byte(username))
	return username, base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
