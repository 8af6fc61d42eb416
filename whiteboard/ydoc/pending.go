package ydoc

// applyItems integrates the items whose references are known and lets the others wait. The error is a *LimitError.
func (t *transaction) applyItems(u *update) error {
	ready := descending(u.items)
	for client, list := range u.items {
		t.pending[client] = mergeItems(t.pending[client], list)
	}
	err := t.drain(ready, u)
	for client := range u.items {
		for _, s := range t.pending[client] {
			t.own(s)
		}
	}
	if t.pendingWeight() > t.limits.Pending {
		for client := range u.items {
			t.abandon(client)
		}
		return &LimitError{"pending", t.limits.Pending}
	}
	return err
}

// abandon forgets what waits of the client.
func (d *Doc) abandon(client uint64) {
	delete(d.pending, client)
	d.stopWaiting(client)
}

func (d *Doc) pendingWeight() int {
	weight := 0
	for _, list := range d.pending {
		for _, s := range list {
			weight += s.weight()
		}
	}
	return weight
}

// drain integrates what waits of the ready clients, and of those who waited for them. It forgets what goes beyond a limit;
// the error is about the update's own items, not about those that it woke.
func (t *transaction) drain(ready []uint64, u *update) (failed error) {
	for len(ready) > 0 {
		client := ready[0]
		ready = ready[1:]
		advanced, err := t.drainClient(client)
		if err != nil {
			t.abandon(client)
			if _, own := u.items[client]; own {
				failed = err
			}
		}
		if advanced {
			t.work -= len(t.waiting[client])
			ready = append(ready, t.wake(client)...)
		}
		if t.work < 0 {
			for _, client := range ready {
				t.abandon(client)
			}
			return t.spend(0)
		}
	}
	return failed
}

// drainClient integrates the items of one client until one has to wait.
func (t *transaction) drainClient(client uint64) (advanced bool, err error) {
	list := t.pending[client]
	for len(list) > 0 {
		s := list[0]
		state := t.state(client)
		if s.end() > state {
			if s.id.Clock > state {
				break
			}
			if s.id.Clock < state {
				s = s.cut(state - s.id.Clock)
				list[0] = s
			}
			if missing, waits := t.missing(s); waits {
				t.wait(client, missing)
				break
			}
			if err := t.integrate(s); err != nil {
				return advanced, err
			}
			advanced = true
		}
		list[0] = nil
		list = list[1:]
	}
	if len(list) == 0 {
		delete(t.pending, client)
	} else {
		t.pending[client] = list
	}
	return advanced, nil
}

// missing answers a reference of the item that is not known yet.
func (d *Doc) missing(s *item) (ID, bool) {
	for _, id := range s.references() {
		if id != noID && id.Client != s.id.Client && id.Clock >= d.state(id.Client) {
			return id, true
		}
	}
	return ID{}, false
}

func (d *Doc) wait(client uint64, missing ID) {
	d.stopWaiting(client)
	if d.waiting[missing.Client] == nil {
		d.waiting[missing.Client] = map[uint64]uint64{}
	}
	d.waiting[missing.Client][client] = missing.Clock
	d.waitsFor[client] = missing.Client
}

func (d *Doc) stopWaiting(client uint64) {
	missing, waits := d.waitsFor[client]
	if !waits {
		return
	}
	delete(d.waitsFor, client)
	if delete(d.waiting[missing], client); len(d.waiting[missing]) == 0 {
		delete(d.waiting, missing)
	}
}

// wake answers those who waited for a clock of the client that is known now.
func (d *Doc) wake(client uint64) []uint64 {
	var woken []uint64
	state := d.state(client)
	for waiter, clock := range d.waiting[client] {
		if clock < state {
			woken = append(woken, waiter)
			d.stopWaiting(waiter)
		}
	}
	return woken
}
