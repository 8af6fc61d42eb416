package transport

func setGSO(c *Conn, on bool) { c.gso = c.gso && on }
