package identity

import "strings"

type marker struct{ text, name string }

// The first that matches counts: browsers name those they descend from too.
var (
	browsers = []marker{
		{"MicroMessenger/", "WeChat"}, {"Lark/", "Feishu"}, {"Feishu/", "Feishu"}, {"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"},
		{"QQBrowser/", "QQ Browser"}, {"UCBrowser/", "UC Browser"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"CriOS/", "Chrome"},
		{"Chromium/", "Chromium"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"},
	}
	systems = []marker{
		{"HarmonyOS", "HarmonyOS"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"},
		{"Macintosh", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	}
)

// deviceOf says in words which browser on which system a user agent is; empty
// when it cannot tell.
func deviceOf(userAgent string) string {
	browser, system := firstMatch(browsers, userAgent), firstMatch(systems, userAgent)
	switch {
	case browser == "":
		return system
	case system == "":
		return browser
	default:
		return browser + " on " + system
	}
}

func firstMatch(list []marker, s string) string {
	for _, m := range list {
		if strings.Contains(s, m.text) {
			return m.name
		}
	}
	return ""
}
