<?php
// Answers "ping" with "pong". Run it with `php -S localhost:8000 bot.php`, and let the server's webhook point there.
$api = getenv('WAHA_URL') ?: 'http://localhost:3000';
$event = json_decode(file_get_contents('php://input'), true);
$message = $event['payload'] ?? [];
if (($event['event'] ?? '') !== 'message' || ($message['body'] ?? '') !== 'ping') {
    exit;
}
$call = curl_init("$api/api/sendText");
curl_setopt_array($call, [
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_HTTPHEADER => ['X-Api-Key: ' . getenv('WAHA_API_KEY'), 'Content-Type: application/json'],
    CURLOPT_POSTFIELDS => json_encode([
        'session' => $event['session'],
        'chatId' => $message['from'],
        'text' => 'pong',
        'reply_to' => $message['id'],
    ]),
]);
curl_exec($call);
