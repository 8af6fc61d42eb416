#!/usr/bin/python3
"""Sends a stream into a meeting by WHIP, or shows a meeting by WHEP, with GStreamer's webrtcbin.

    gstreamer.py publish URL TOKEN vp8|h264 COLOUR   a picture of one colour and a tone; candidates are trickled
    gstreamer.py watch URL TOKEN vp8|h264            prints what it sees and hears as lines of JSON

It ends the session and itself when its standard input ends.
"""
import json
import sys
import threading
import urllib.parse
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

VIDEO = {
    "vp8": (
        "vp8enc deadline=1 keyframe-max-dist=60 ! rtpvp8pay picture-id-mode=15-bit"
        " ! application/x-rtp,media=video,encoding-name=VP8,payload=96"
    ),
    "h264": (
        "openh264enc gop-size=60 complexity=low ! video/x-h264,profile=constrained-baseline ! h264parse"
        " ! rtph264pay config-interval=-1 aggregate-mode=zero-latency"
        " ! application/x-rtp,media=video,encoding-name=H264,payload=96"
    ),
}
RECEIVED = {
    "vp8": "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000",
    "h264": "application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000,packetization-mode=(string)1",
}
OK = Gst.FlowReturn.OK  # looked up here: the threads of two streams that do it for the first time at once disturb each other
OPUS = "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000,encoding-params=(string)2"


def tell(**what):
    print(json.dumps(what), flush=True)


class Program:
    def __init__(self, mode, url, token, codec, colour=None):
        self.url, self.token, self.publishes = url, token, mode == "publish"
        self.location = self.etag = None
        self.early = []
        self.loop = GLib.MainLoop()
        if self.publishes:
            self.pipe = Gst.parse_launch(
                "webrtcbin name=peer bundle-policy=max-bundle "
                f"videotestsrc is-live=true pattern={colour} ! video/x-raw,width=320,height=240,framerate=15/1"
                f" ! videoconvert ! queue ! {VIDEO[codec]} ! peer. "
                "audiotestsrc is-live=true freq=440 ! audioconvert ! audioresample ! queue ! opusenc ! rtpopuspay"
                " ! application/x-rtp,media=audio,encoding-name=OPUS,payload=97 ! peer."
            )
        else:
            self.pipe = Gst.Pipeline.new()
            peer = Gst.ElementFactory.make("webrtcbin", "peer")
            peer.set_property("bundle-policy", "max-bundle")
            self.pipe.add(peer)
            direction = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
            for caps in (RECEIVED[codec], OPUS):
                peer.emit("add-transceiver", direction, Gst.Caps.from_string(caps))
            peer.connect("pad-added", self.on_stream)
        self.peer = self.pipe.get_by_name("peer")
        self.ice = self.peer.get_property("ice-agent")  # kept: the binding takes over the only reference
        self.ice.emit("add-local-ip-address", "127.0.0.1")
        self.peer.connect("on-negotiation-needed", self.on_negotiation)
        self.peer.connect("on-ice-candidate", self.on_candidate)
        self.peer.connect("notify::connection-state", self.on_state)
        bus = self.pipe.get_bus()
        bus.add_signal_watch()
        bus.connect("message::error", self.on_error)

    def request(self, method, url, body=b"", **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers["Authorization"] = "Bearer " + self.token
        return urllib.request.urlopen(urllib.request.Request(url, body, headers, method=method), timeout=30)

    def on_negotiation(self, peer):
        promise = Gst.Promise.new_with_change_func(self.on_offer, None)
        peer.emit("create-offer", None, promise)

    def on_offer(self, promise, _):
        reply = promise.get_reply()  # owns the offer
        offer = reply.get_value("offer")
        text = offer.sdp.as_text()
        self.peer.emit("set-local-description", offer, None)
        GLib.idle_add(self.post, text)

    def post(self, text):
        try:
            answer = self.request("POST", self.url, text.encode(), Content_Type="application/sdp")
        except urllib.error.HTTPError as e:
            tell(error=f"{e.code} {e.read().decode()}")
            self.loop.quit()
            return
        self.location = urllib.parse.urljoin(self.url, answer.headers["Location"])
        self.etag = answer.headers["ETag"]
        _, sdp = GstSdp.SDPMessage.new_from_text(answer.read().decode())
        kind = GstWebRTC.WebRTCSDPType.ANSWER
        self.peer.emit("set-remote-description", GstWebRTC.WebRTCSessionDescription.new(kind, sdp), None)
        for line in self.early:
            self.trickle(line)
        self.early = []

    def on_candidate(self, _, line, candidate):
        GLib.idle_add(self.trickle, candidate)

    def trickle(self, candidate):
        if self.location is None:
            self.early.append(candidate)
            return
        local = self.peer.get_property("local-description").sdp
        mid = local.get_media(0).get_attribute_val("mid")
        fragment = f"m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:{mid}\r\na={candidate}\r\n"
        kind = "application/trickle-ice-sdpfrag"
        tell(trickled=self.request("PATCH", self.location, fragment.encode(), Content_Type=kind, If_Match=self.etag).status)

    def on_state(self, peer, _):
        tell(state=peer.get_property("connection-state").value_nick)

    def on_error(self, _, message):
        tell(error=str(message.parse_error()))
        self.loop.quit()

    def on_stream(self, _, pad):
        decode = Gst.ElementFactory.make("decodebin")
        decode.connect("pad-added", self.on_decoded)
        self.pipe.add(decode)
        decode.sync_state_with_parent()
        pad.link(decode.get_static_pad("sink"))

    def on_decoded(self, _, pad):
        video = pad.get_current_caps().get_structure(0).get_name().startswith("video")
        text = (
            "videoconvert ! videoscale ! video/x-raw,format=RGB,width=16,height=16 ! appsink"
            if video
            else "audioconvert ! audio/x-raw,format=S16LE,channels=1 ! appsink"
        )
        sink = Gst.parse_bin_from_description(text + " name=out emit-signals=true sync=false drop=true max-buffers=5", True)
        sink.get_by_name("out").connect("new-sample", self.on_picture if video else self.on_sound)
        self.pipe.add(sink)
        sink.sync_state_with_parent()
        pad.link(sink.get_static_pad("sink"))

    def on_picture(self, out):
        ok, data = out.emit("pull-sample").get_buffer().map(Gst.MapFlags.READ)
        if ok:
            middle = (16 * 8 + 8) * 3
            tell(colour=list(bytes(data.data)[middle : middle + 3]))
        return OK

    def on_sound(self, out):
        ok, data = out.emit("pull-sample").get_buffer().map(Gst.MapFlags.READ)
        if ok:
            tell(peak=max(abs(s) for s in memoryview(bytes(data.data)).cast("h")))
        return OK

    def wait(self):
        sys.stdin.read()
        GLib.idle_add(self.loop.quit)

    def run(self):
        threading.Thread(target=self.wait, daemon=True).start()
        self.pipe.set_state(Gst.State.PLAYING)
        self.loop.run()
        if self.location is not None:
            tell(deleted=self.request("DELETE", self.location).status)
        self.pipe.set_state(Gst.State.NULL)


if __name__ == "__main__":
    Gst.init(None)
    Program(*sys.argv[1:]).run()
