package objectstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/encrypt"
)

// streamPartBytes is the buffer for a stream of unknown size; 10,000 of them bound such an object to 156 GiB.
const streamPartBytes = 16 << 20

// listPage is what one request of List and Parts asks for.
const listPage = 1000

// SSE values beside a KMS key id.
const (
	SSEOff = "off"
	SSES3  = "s3"
)

// S3Config says where the bucket is.
type S3Config struct {
	// Endpoint is a URL such as https://minio.example.com:9000.
	Endpoint string
	// Region of the bucket. Defaults to us-east-1.
	Region string
	// Bucket is made if it does not exist.
	Bucket string
	// AccessKey and SecretKey of the account.
	AccessKey, SecretKey string
	// PathStyle puts the bucket into the path instead of the host name. Defaults to false.
	PathStyle bool
	// SSE is SSEOff, SSES3 or a KMS key id. Defaults to SSEOff.
	SSE string
}

// Validate refuses what OpenS3 cannot work with.
func (c S3Config) Validate() error {
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("object store: endpoint %q is not an http or https URL", c.Endpoint)
	}
	if c.Bucket == "" {
		return errors.New("object store: bucket is empty")
	}
	return nil
}

// S3 is a Store in a bucket.
type S3 struct {
	core      minio.Core // static
	bucket    string
	sse       encrypt.ServerSide
	transport *http.Transport
}

var _ Store = (*S3)(nil)

// OpenS3 connects and makes the bucket if it does not exist.
func OpenS3(ctx context.Context, cfg S3Config) (*S3, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Region == "" {
		cfg.Region = "us-east-1"
	}
	endpoint, err := url.Parse(cfg.Endpoint)
	if err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	secure := endpoint.Scheme == "https"
	transport, err := minio.DefaultTransport(secure)
	if err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	lookup := minio.BucketLookupDNS
	if cfg.PathStyle {
		lookup = minio.BucketLookupPath
	}
	core, err := minio.NewCore(endpoint.Host, &minio.Options{
		Creds:        credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, ""),
		Secure:       secure,
		Region:       cfg.Region,
		BucketLookup: lookup,
		Transport:    transport,
	})
	if err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	s := &S3{core: *core, bucket: cfg.Bucket, transport: transport}
	if s.sse, err = serverSide(cfg.SSE); err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	if err := s.makeBucket(ctx, cfg.Region); err != nil {
		return nil, errors.Join(fmt.Errorf("object store %s: %w", cfg.Endpoint, err), s.Close())
	}
	return s, nil
}

func serverSide(mode string) (encrypt.ServerSide, error) {
	switch mode {
	case "", SSEOff:
		return nil, nil
	case SSES3:
		return encrypt.NewSSE(), nil
	default:
		return encrypt.NewSSEKMS(mode, nil)
	}
}

func (s *S3) makeBucket(ctx context.Context, region string) error {
	exists, err := s.core.BucketExists(ctx, s.bucket)
	if err != nil || exists {
		return err
	}
	err = s.core.MakeBucket(ctx, s.bucket, minio.MakeBucketOptions{Region: region})
	if code := minio.ToErrorResponse(err).Code; code == "BucketAlreadyOwnedByYou" {
		return nil
	}
	return err
}

func (s *S3) putOptions() minio.PutObjectOptions {
	return minio.PutObjectOptions{ServerSideEncryption: s.sse, PartSize: streamPartBytes, ContentType: "application/octet-stream"}
}

// putAttempts bounds how often an object is sent when MinIO says no to it.
const putAttempts = 5

// Put implements Store. MinIO keeps keys as folders and answers AccessDenied when the last object of a folder is deleted
// while another one comes in (minio/minio#15157), so content that can be read again is sent again.
func (s *S3) Put(ctx context.Context, key string, content Content) (string, error) {
	if err := CheckKey(key); err != nil {
		return "", err
	}
	again := rewinder(content.Reader)
	for attempt := 1; ; attempt++ {
		sum, err := s.putOnce(ctx, key, content)
		refused, ok := errors.AsType[minio.ErrorResponse](err)
		if !ok || refused.Code != "AccessDenied" || again == nil || attempt == putAttempts {
			return sum, err
		}
		if failed := again(); failed != nil {
			return "", errors.Join(err, failed)
		}
	}
}

// rewinder answers what brings a reader back to where it is now, or nil.
func rewinder(r io.Reader) func() error {
	seeker, ok := r.(io.Seeker)
	if !ok {
		return nil
	}
	start, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil
	}
	return func() error {
		_, err := seeker.Seek(start, io.SeekStart)
		return err
	}
}

func (s *S3) putOnce(ctx context.Context, key string, content Content) (string, error) {
	source := content.Reader
	if content.Size != Unknown {
		source = io.LimitReader(source, content.Size)
	}
	reader := newHashingReader(ctx, source)
	_, err := s.core.Client.PutObject(ctx, s.bucket, key, reader, content.Size, s.putOptions())
	if err != nil {
		if content.Size != Unknown && reader.size < content.Size && ctx.Err() == nil {
			err = errors.Join(ErrChecksum, err)
		}
		return "", fmt.Errorf("put object %s: %w", key, err)
	}
	if err := keptPromise(content, reader); err != nil {
		return "", errors.Join(fmt.Errorf("put object %s: %w", key, err), s.Delete(context.WithoutCancel(ctx), key))
	}
	return reader.sum(), nil
}

// keptPromise compares the content with its promise after the upload, which stopped at the promised size.
func keptPromise(content Content, reader *hashingReader) error {
	if err := reader.verify(content.Size, content.SHA256); err != nil {
		return err
	}
	if content.Size == Unknown {
		return nil
	}
	if n, _ := io.ReadFull(content.Reader, make([]byte, 1)); n > 0 {
		return fmt.Errorf("%w: more than %d bytes", ErrChecksum, content.Size)
	}
	return nil
}

// Get implements Store.
func (s *S3) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, Info, error) {
	if err := CheckKey(key); err != nil {
		return nil, Info{}, err
	}
	if offset < 0 {
		return nil, Info{}, fmt.Errorf("get object %s: %w", key, ErrRange)
	}
	if length == 0 {
		info, err := s.Stat(ctx, key)
		if err == nil && offset > 0 && offset >= info.Size {
			err = fmt.Errorf("get object %s: %w", key, ErrRange)
		}
		return http.NoBody, info, err
	}
	options := minio.GetObjectOptions{}
	if offset > 0 || length > 0 {
		header := fmt.Sprintf("bytes=%d-", offset)
		if length > 0 {
			header += strconv.FormatInt(offset+length-1, 10)
		}
		options.Set("Range", header)
	}
	body, stat, header, err := s.core.GetObject(ctx, s.bucket, key, options)
	if minio.ToErrorResponse(err).Code == "InvalidRange" && offset == 0 {
		return s.Get(ctx, key, 0, 0) // an empty object has no range at all
	}
	if err != nil {
		return nil, Info{}, fmt.Errorf("get object %s: %w", key, fromS3(err))
	}
	info := Info{Key: key, Size: stat.Size, ModifiedAt: stat.LastModified.UTC()}
	if _, total, ranged := strings.Cut(header.Get("Content-Range"), "/"); ranged {
		if info.Size, err = strconv.ParseInt(total, 10, 64); err != nil {
			return nil, Info{}, errors.Join(fmt.Errorf("get object %s: Content-Range: %w", key, err), body.Close())
		}
	}
	return body, info, nil
}

// Stat implements Store.
func (s *S3) Stat(ctx context.Context, key string) (Info, error) {
	if err := CheckKey(key); err != nil {
		return Info{}, err
	}
	stat, err := s.core.StatObject(ctx, s.bucket, key, minio.StatObjectOptions{})
	if err != nil {
		return Info{}, fmt.Errorf("stat object %s: %w", key, fromS3(err))
	}
	return Info{Key: key, Size: stat.Size, ModifiedAt: stat.LastModified.UTC()}, nil
}

// Delete implements Store.
func (s *S3) Delete(ctx context.Context, key string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	if err := s.core.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("delete object %s: %w", key, err)
	}
	return nil
}

// List implements Store.
func (s *S3) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		if err := checkPrefix(prefix); err != nil {
			yield(Info{}, err)
			return
		}
		options := minio.ListObjectsOptions{Prefix: prefix, Recursive: true, MaxKeys: listPage}
		for object := range s.core.ListObjectsIter(ctx, s.bucket, options) {
			if object.Err != nil {
				yield(Info{}, fmt.Errorf("list objects %s: %w", prefix, object.Err))
				return
			}
			if !yield(Info{Key: object.Key, Size: object.Size, ModifiedAt: object.LastModified.UTC()}, nil) {
				return
			}
		}
	}
}

// Check implements Store.
func (s *S3) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	exists, err := s.core.BucketExists(ctx, s.bucket)
	if err == nil && !exists {
		err = errors.New("the bucket is gone")
	}
	if err != nil {
		return fmt.Errorf("object store: %w", err)
	}
	return nil
}

// Close implements Store.
func (s *S3) Close() error {
	s.transport.CloseIdleConnections()
	return nil
}

func fromS3(err error) error {
	switch minio.ToErrorResponse(err).Code {
	case "NoSuchKey":
		return ErrNotFound
	case "NoSuchUpload":
		return ErrUploadNotFound
	case "InvalidRange":
		return ErrRange
	case "InvalidPart", "InvalidPartOrder", "EntityTooSmall":
		return errors.Join(ErrPart, err)
	default:
		return err
	}
}
