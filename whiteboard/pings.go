package whiteboard

import "time"

// keepalive is an awareness update about nobody and a ping: the stock client closes a connection on which nothing comes for
// 30 s, and a ping is not for it to see.
var keepalive = appendFrame(appendAwareness(nil, []byte{0}), opPing)

func (s *Server) listen(o *outbox) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outboxes[o] = struct{}{}
}

func (s *Server) unlisten(o *outbox) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.outboxes, o)
}

// runPings pings everybody.
func (s *Server) runPings() {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
			s.pingAll()
		}
	}
}

func (s *Server) pingAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for o := range s.outboxes {
		o.send(keepalive)
	}
}
