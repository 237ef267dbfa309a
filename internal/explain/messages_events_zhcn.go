package explain

var eventMessagesZhCN = map[string]string{}
