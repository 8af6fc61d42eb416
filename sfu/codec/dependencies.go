package codec

// Bounds of the dependency descriptor (AV1 RTP specification appendix A).
const (
	maxTemplates     = 64
	maxDecodeTargets = 32
)

// Decode target indications (appendix A.4).
const (
	targetNotPresent = 0
	targetSwitch     = 2
)

// structure is how the frames of a stream depend on each other, as dependency descriptors tell once and then refer to. It
// is not changed after it was read.
type structure struct {
	offset    uint8 // template id of the first template
	templates []template
	targets   []target
	sizes     []Size // of spatial layers, empty where not told
	spatials  uint8
}

// template is a kind of frame.
type template struct {
	spatial, temporal uint8
	indications       [maxDecodeTargets]uint8
}

// target is a set of layers that can be decoded without the others.
type target struct{ spatial, temporal uint8 }

// descriptor is what the dependency descriptor of one packet tells.
type descriptor struct {
	start, end bool
	number     uint16 // of the frame
	structure  *structure
	fresh      bool   // the structure came with this packet
	active     uint32 // decode targets that are sent from this frame on, as far as known
	told       bool   // active came with this packet
	template   template
}

// parseDependencies reads a dependency descriptor. before is the structure of what came before, nil when there
// was none. ok is false when the descriptor is damaged or its structure is not known.
func parseDependencies(b []byte, before *structure) (d descriptor, ok bool) {
	if len(b) < 3 {
		return descriptor{}, false
	}
	d.start, d.end = b[0]&0x80 != 0, b[0]&0x40 != 0
	id := b[0] & 0x3f
	d.number = uint16(b[1])<<8 | uint16(b[2])
	d.structure = before
	r := &plainBits{b: b[3:]}
	custom := false
	if len(b) > 3 {
		hasStructure, hasActive := r.read(1) == 1, r.read(1) == 1
		custom = r.read(1) == 1
		r.read(2) // custom_fdiffs_flag, custom_chains_flag
		if hasStructure {
			if d.structure = r.structure(); d.structure == nil {
				return descriptor{}, false
			}
			d.fresh, d.told = true, true
			d.active = 1<<len(d.structure.targets) - 1
		}
		if hasActive {
			if d.structure == nil {
				return descriptor{}, false
			}
			d.active, d.told = r.read(len(d.structure.targets)), true
		}
	}
	if d.structure == nil || r.bad {
		return descriptor{}, false
	}
	at := int(id-d.structure.offset) & (maxTemplates - 1)
	if at >= len(d.structure.templates) {
		return descriptor{}, false
	}
	d.template = d.structure.templates[at]
	if custom {
		for i := range d.structure.targets {
			d.template.indications[i] = uint8(r.read(2))
		}
	}
	return d, !r.bad
}

// structure reads template_dependency_structure, nil when it is damaged.
func (r *plainBits) structure() *structure {
	s := &structure{offset: uint8(r.read(6))}
	count := int(r.read(5)) + 1
	s.targets = make([]target, count)
	r.templateLayers(s)
	for i := range s.templates {
		for j := range count {
			s.templates[i].indications[j] = uint8(r.read(2))
		}
	}
	for range s.templates {
		for r.read(1) == 1 { // fdiff_follows_flag
			r.read(4)
		}
	}
	r.templateChains(len(s.templates), count)
	for _, t := range s.templates {
		for j := range s.targets {
			if t.indications[j] != targetNotPresent {
				s.targets[j].spatial = max(s.targets[j].spatial, t.spatial)
				s.targets[j].temporal = max(s.targets[j].temporal, t.temporal)
			}
		}
	}
	if r.read(1) == 1 { // resolutions_present_flag
		for range s.spatials {
			s.sizes = append(s.sizes, Size{uint16(r.read(16) + 1), uint16(r.read(16) + 1)})
		}
	}
	if r.bad || len(s.templates) == 0 {
		return nil
	}
	return s
}

func (r *plainBits) templateLayers(s *structure) {
	var spatial, temporal uint8
	for len(s.templates) < maxTemplates && !r.bad {
		s.templates = append(s.templates, template{spatial: spatial, temporal: temporal})
		s.spatials = spatial + 1
		switch r.read(2) {
		case 1:
			temporal++
		case 2:
			temporal = 0
			spatial++
		case 3:
			return
		}
	}
	r.bad = true
}

// templateChains passes over the chains.
func (r *plainBits) templateChains(templates, targets int) {
	chains := int(r.nonSymmetric(uint32(targets) + 1))
	if chains == 0 {
		return
	}
	for range targets {
		r.nonSymmetric(uint32(chains))
	}
	for range templates * chains {
		r.read(4)
	}
}

// nonSymmetric reads a value below n (AV1 bitstream specification section 4.10.7).
func (r *plainBits) nonSymmetric(n uint32) uint32 {
	w := 0
	for x := n; x != 0; x >>= 1 {
		w++
	}
	m := uint32(1)<<w - n
	v := r.read(w - 1)
	if v < m {
		return v
	}
	return v<<1 - m + r.read(1)
}

// describe puts a descriptor into the terms of Info.
func (d *descriptor) describe(i *Info) {
	t := &d.template
	i.Start, i.End = d.start, d.end
	i.Spatial, i.Temporal, i.HasTemporal = t.spatial, t.temporal, true
	i.UpTo = 0
	for j, target := range d.structure.targets {
		if t.indications[j] == targetSwitch && target.spatial == t.spatial {
			i.UpTo = max(i.UpTo, target.temporal)
		}
	}
	if d.told {
		i.Active = d.structure.spatialsOf(d.active)
	}
	if d.fresh {
		i.Spatials = min(d.structure.spatials, MaxSpatial)
		i.sizes(d.structure.sizes)
	}
}

// spatialsOf returns the spatial layers of decode targets, as bits.
func (s *structure) spatialsOf(targets uint32) (layers uint8) {
	for j, t := range s.targets {
		if targets>>j&1 == 1 && t.spatial < MaxSpatial {
			layers |= 1 << t.spatial
		}
	}
	return layers
}
