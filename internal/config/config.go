package config

import (
	"log/slog"
	"time"
)

// Config holds the effective settings.
type Config struct {
	// Listen is the address of the web client, the API and signaling. Defaults to 127.0.0.1:8080 when tls.mode is off,
	// else to :443.
	Listen string `yaml:"listen" example:"127.0.0.1:8080"`
	// PublicURL is the address under which browsers reach Parley; links and the cookie's Secure flag follow it.
	// Defaults to the first of tls.acmeDomains, else to the address that listen stands for.
	PublicURL string `yaml:"publicUrl" example:"https://meet.example.com"`
	// DataDir is the folder of what Parley keeps on this machine: the private PostgreSQL, objects without S3, certificates. As root
	// it must be a folder that other users may enter, because PostgreSQL never runs as root; a system-wide installation
	// uses /var/lib/parley. Defaults to ./data.
	DataDir string `yaml:"dataDir"`
	// TrustedProxies are addresses or networks whose X-Forwarded-For header is believed. Defaults to none.
	TrustedProxies []string `yaml:"trustedProxies" example:"10.0.0.0/8"`
	// Database is where relational data lives.
	Database Database `yaml:"database"`
	// S3 is where objects live: recordings, files, snapshots.
	S3 S3 `yaml:"s3"`
	// NATS carries events between users and nodes.
	NATS NATS `yaml:"nats"`
	// TLS protects the listen address.
	TLS TLS `yaml:"tls"`
	// Media is where sound and pictures enter and leave.
	Media Media `yaml:"media"`
	// ICEServers are STUN and TURN servers handed to clients. In the environment they are written as a YAML or JSON list.
	// Defaults to none.
	ICEServers []ICEServer `yaml:"iceServers"`
	// Log is what Parley writes to standard error.
	Log Log `yaml:"log"`
	// Admin is the port for operators.
	Admin Admin `yaml:"admin"`
	// Limits bound what one installation takes on.
	Limits Limits `yaml:"limits"`
}

// Database configures PostgreSQL.
type Database struct {
	// URL of a PostgreSQL 15 or newer. Defaults to a private PostgreSQL in the data folder, started from the installed
	// binaries.
	URL ConnectionURL `yaml:"url" example:"postgres://parley:secret@db.example.com/parley"`
}

// S3 configures the object store.
type S3 struct {
	// Endpoint is the address of an S3 service. Defaults to none: a plain directory in the data folder.
	Endpoint string `yaml:"endpoint" example:"https://minio.example.com:9000"`
	// Region of the bucket. Defaults to us-east-1.
	Region string `yaml:"region"`
	// Bucket that holds the objects; it is made if it does not exist. Defaults to parley.
	Bucket string `yaml:"bucket"`
	// AccessKey is the name of the account. Defaults to none.
	AccessKey string `yaml:"accessKey" example:"parley"`
	// SecretKey is the account's password. Defaults to none.
	SecretKey Secret `yaml:"secretKey" example:"secret"`
	// PathStyle is whether to put the bucket into the path instead of the host name, as MinIO wants it. Defaults to true.
	PathStyle bool `yaml:"pathStyle"`
	// SSE asks the service to encrypt objects: off, s3 or a KMS key id. Defaults to off.
	SSE string `yaml:"sse"`
}

// NATS configures the event bus.
type NATS struct {
	// URL of a NATS server or cluster, several separated by commas. Defaults to a server inside the process without a
	// port.
	URL ConnectionURL `yaml:"url" example:"nats://nats.example.com:4222"`
}

// TLS modes.
const (
	TLSOff        = "off"
	TLSFiles      = "files"
	TLSACME       = "acme"
	TLSSelfSigned = "self-signed"
)

// TLS configures encryption of the listen address.
type TLS struct {
	// Mode is one of off (this machine, or behind a proxy that encrypts), files, acme, or self-signed (a trial in a local
	// network; browsers warn). Defaults to off.
	Mode string `yaml:"mode"`
	// CertFile is the PEM certificate chain of mode files; it is read again when it changes. Defaults to none.
	CertFile string `yaml:"certFile" example:"/etc/parley/cert.pem"`
	// KeyFile is the PEM key of mode files. Defaults to none.
	KeyFile string `yaml:"keyFile" example:"/etc/parley/key.pem"`
	// ACMEDomains are the names that mode acme gets certificates for. Defaults to none.
	ACMEDomains []string `yaml:"acmeDomains" example:"meet.example.com"`
	// ACMEEmail is the address that the certificate authority may write to. Defaults to none.
	ACMEEmail string `yaml:"acmeEmail" example:"admin@example.com"`
	// ACMEDirectory is the directory address of the certificate authority. Defaults to Let's Encrypt.
	ACMEDirectory string `yaml:"acmeDirectory" example:"https://acme.example.com/directory"`
	// ACMERootFile is a PEM file with the roots of a private certificate authority's own address. Defaults to none.
	ACMERootFile string `yaml:"acmeRootFile" example:"/etc/parley/acme-root.pem"`
	// RedirectListen is an address that answers plain HTTP with a redirect to HTTPS and with ACME challenges; "off"
	// switches it off. Defaults to :80 in mode acme, else to off.
	RedirectListen string `yaml:"redirectListen" example:":80"`
}

// Media configures the SFU.
type Media struct {
	// UDPAddr is the one UDP address for media; "off" switches it off. Defaults to :7882.
	UDPAddr string `yaml:"udpAddr"`
	// TCPAddr is the one TCP address for media in networks without UDP (ICE-TCP); "off" switches it off. Defaults to
	// :7882.
	TCPAddr string `yaml:"tcpAddr"`
	// AdvertisedIPs are the addresses told to clients, for a server behind NAT. Defaults to the addresses of this
	// machine.
	AdvertisedIPs []string `yaml:"advertisedIps" example:"203.0.113.7"`
	// MaxMicrophones is how many microphones of one meeting are heard at a time, the loudest; 1 to 32. Defaults to 6.
	MaxMicrophones int `yaml:"maxMicrophones"`
	// CameraCodec is the codec that cameras prefer: vp8, vp9, av1 or h264. Browsers that cannot encode it, vp9 and av1 in
	// spatial layers, use vp8. Defaults to vp8.
	CameraCodec string `yaml:"cameraCodec"`
	// ShareCodec is the same for shared screens. Defaults to vp9, in which text can be read sooner on thin links.
	ShareCodec string `yaml:"shareCodec"`
}

// ICEServer is one STUN or TURN service.
type ICEServer struct {
	// URLs of the service, such as stun:host:3478 or turns:host:443?transport=tcp.
	URLs []string `yaml:"urls"`
	// Username of a TURN service with fixed accounts. Defaults to none.
	Username string `yaml:"username,omitempty"`
	// Credential is the password of that account. Defaults to none.
	Credential Secret `yaml:"credential,omitempty"`
	// Secret is shared with a TURN service that checks expiring accounts (the TURN REST API of coturn and others); used
	// instead of username and credential. Defaults to none.
	Secret Secret `yaml:"secret,omitempty"`
	// TTL is how long such an account lives. Defaults to 12h.
	TTL time.Duration `yaml:"ttl,omitempty"`
}

// Log configures logging.
type Log struct {
	// Level is debug, info, warn or error. Defaults to info.
	Level slog.Level `yaml:"level"`
	// Format is text or json. Defaults to text.
	Format string `yaml:"format"`
}

// Admin configures the operators' port.
type Admin struct {
	// Listen is the address of /metrics (Prometheus), /healthz, /readyz and /debug/pprof; it has no log-in. "off"
	// switches it off. Defaults to 127.0.0.1:9464.
	Listen string `yaml:"listen"`
}

// Limits bound requests and meetings.
type Limits struct {
	// RequestBytes is the largest request body that the API reads. Each operation has a bound of its own as well; less than
	// the default refuses large pictures on boards and large boards that are imported. Defaults to 33554433.
	RequestBytes int64 `yaml:"requestBytes"`
	// MaxParticipants is how many people one meeting holds. Defaults to 300.
	MaxParticipants int `yaml:"maxParticipants"`
}

// Default answers the settings of an empty file and environment, before what depends on other settings is derived.
func Default() Config {
	return Config{
		DataDir: "./data",
		S3:      S3{Region: "us-east-1", Bucket: "parley", PathStyle: true, SSE: "off"},
		TLS:     TLS{Mode: TLSOff},
		Media:   Media{UDPAddr: ":7882", TCPAddr: ":7882", MaxMicrophones: 6, CameraCodec: "vp8", ShareCodec: "vp9"},
		Log:     Log{Level: slog.LevelInfo, Format: "text"},
		Admin:   Admin{Listen: "127.0.0.1:9464"},
		Limits:  Limits{RequestBytes: 32<<20 + 1, MaxParticipants: 300},
	}
}
