import { useEffect, useRef, useState } from 'react'
import { cx } from './cx'
import styles from './Video.module.css'

interface VideoProps {
  stream: MediaStream
  publicationId: string
  mirrored?: boolean
  /** cover fills the box; contain shows all; auto covers unless the picture is upright and the box is not. */
  fit?: 'cover' | 'contain' | 'auto'
  className?: string
  onResize?: (size: { width: number; height: number }) => void
}

/** One stream on the screen. It is always silent: sound is played by the call. */
export function Video({ stream, publicationId, mirrored, fit = 'auto', className, onResize }: VideoProps) {
  const video = useRef<HTMLVideoElement>(null)
  const [upright, setUpright] = useState(false)
  useEffect(() => {
    const element = video.current
    if (!element) return
    element.muted = true
    element.srcObject = stream
    void element.play().catch(() => undefined)
    return () => {
      element.srcObject = null
    }
  }, [stream])
  return (
    <video
      ref={video}
      data-publication-id={publicationId}
      className={cx(
        styles.video,
        fit === 'contain' || (fit === 'auto' && upright) ? styles.contain : styles.cover,
        mirrored && styles.mirrored,
        className,
      )}
      autoPlay
      playsInline
      muted
      disablePictureInPicture
      onResize={(event) => {
        const { videoWidth: width, videoHeight: height, clientWidth, clientHeight } = event.currentTarget
        setUpright(height > width && clientWidth > clientHeight)
        onResize?.({ width, height })
      }}
    />
  )
}
