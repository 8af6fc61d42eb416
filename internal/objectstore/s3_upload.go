package objectstore

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/minio/minio-go/v7"
)

// CreateUpload implements Store.
func (s *S3) CreateUpload(ctx context.Context, key string) (string, error) {
	if err := CheckKey(key); err != nil {
		return "", err
	}
	id, err := s.core.NewMultipartUpload(ctx, s.bucket, key, s.putOptions())
	if err != nil {
		return "", fmt.Errorf("create upload %s: %w", key, err)
	}
	return id, nil
}

// UploadPart implements Store.
func (s *S3) UploadPart(ctx context.Context, key, id string, number int, r io.Reader, size int64) (Part, error) {
	if err := checkPart(key, number); err != nil {
		return Part{}, err
	}
	reader := newHashingReader(ctx, r)
	stored, err := s.core.PutObjectPart(ctx, s.bucket, key, id, number, reader, size, minio.PutObjectPartOptions{})
	if err != nil {
		if err = fromS3(err); reader.size < size && ctx.Err() == nil && !errors.Is(err, ErrUploadNotFound) {
			err = errors.Join(ErrChecksum, err)
		}
		return Part{}, fmt.Errorf("upload part %d of %s: %w", number, key, err)
	}
	return Part{Number: number, Size: size, ETag: stored.ETag}, nil
}

// Parts implements Store.
func (s *S3) Parts(ctx context.Context, key, id string) ([]Part, error) {
	if err := CheckKey(key); err != nil {
		return nil, err
	}
	var parts []Part
	for marker := 0; ; {
		page, err := s.core.ListObjectParts(ctx, s.bucket, key, id, marker, listPage)
		if err != nil {
			return nil, fmt.Errorf("parts of %s: %w", key, fromS3(err))
		}
		for _, p := range page.ObjectParts {
			parts = append(parts, Part{Number: p.PartNumber, Size: p.Size, ETag: p.ETag})
		}
		if !page.IsTruncated {
			return parts, nil
		}
		marker = page.NextPartNumberMarker
	}
}

// CompleteUpload implements Store.
func (s *S3) CompleteUpload(ctx context.Context, key, id string, parts []Part) error {
	if err := checkOrder(key, parts); err != nil {
		return err
	}
	list := make([]minio.CompletePart, len(parts))
	for i, p := range parts {
		list[i] = minio.CompletePart{PartNumber: p.Number, ETag: p.ETag}
	}
	if _, err := s.core.CompleteMultipartUpload(ctx, s.bucket, key, id, list, minio.PutObjectOptions{}); err != nil {
		return fmt.Errorf("complete upload %s: %w", key, fromS3(err))
	}
	return nil
}

// AbortUpload implements Store.
func (s *S3) AbortUpload(ctx context.Context, key, id string) error {
	if err := CheckKey(key); err != nil {
		return err
	}
	err := s.core.AbortMultipartUpload(ctx, s.bucket, key, id)
	if err != nil && !errors.Is(fromS3(err), ErrUploadNotFound) {
		return fmt.Errorf("abort upload %s: %w", key, err)
	}
	return nil
}
