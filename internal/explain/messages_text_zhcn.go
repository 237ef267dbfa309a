package explain

// textMessagesZhCN is textMessages in Simplified Chinese.
var textMessagesZhCN = map[string]string{
	"text-pile":         "%[1]d 个连接处于 %[2]s；一份只反映某一时刻的文本能说明这一点，但说明不了原因。",
	"text-pile-refuted": "稍后的第二份文本中，处于此状态的是另外的连接：那就是有来有去，并非堆积",
	"text-pile-fate":    "要看定时器，而这份文本中没有可供判断的定时器；在该主机上运行 \"synoptic diagnose\" 就会读取",
	"text-port":         "%[2]d 个中有 %[1]d 个在本地端口 %[3]s",
	"text-target":       "%[2]d 个中有 %[1]d 个去往 %[3]s",
	"text-peers":        "不同的对端：%[1]d；网络（/24，IPv6 为 /48）：%[2]d",
	"text-rival":        "也会造成这样的堆积；计数器、定时器和再看一次可以区分",
}
