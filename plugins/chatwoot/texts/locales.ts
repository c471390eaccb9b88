import { english, type TextName } from './english.ts';

type Words = Readonly<Partial<Record<TextName, string>>>;

const german: Words = {
  'locale.name': 'Deutsch',
  'app.inbox.contact.name': 'WhatsApp-Anbindung',
  'app.session.status.change': '{{{emoji}}} Die Sitzung **{{{session}}}** ist jetzt **{{{status}}}**',
  'app.session.scan.qr.code': '⚠️ Mit dem Telefon den QR-Code scannen, um ein Konto zu verbinden. **qr** zeigt ihn.',
  'app.logout.success': '✅ Das Konto ist getrennt.',
  'message.from.whatsapp': '{{{text}}}\n\n📱 *In WhatsApp gesendet*',
  'message.from.api': '{{{text}}}\n\n📱 *Über die API gesendet*',
  'message.removed.in.whatsapp': '❌ *Diese Nachricht wurde in WhatsApp gelöscht*',
  'message.edited.in.whatsapp': '{{{text}}}\n\n✏️ *In WhatsApp bearbeitet*',
  'whatsapp.reaction.added': '*Reagierte* {{{emoji}}}',
  'whatsapp.reaction.removed': '*Nahm die Reaktion zurück*',
  'whatsapp.contact.group.suffix': 'Gruppe',
  'whatsapp.contact.channel.suffix': 'Kanal',
  'whatsapp.call.received': '📞 *Ruft an*',
  'whatsapp.call.accepted': '📞 *Der Anruf wurde angenommen*',
  'whatsapp.call.rejected': '📞 *Der Anruf wurde nicht angenommen*',
};

const spanish: Words = {
  'locale.name': 'Español',
  'app.inbox.contact.name': 'Integración de WhatsApp',
  'app.session.status.change': '{{{emoji}}} La sesión **{{{session}}}** está ahora en **{{{status}}}**',
  'app.session.scan.qr.code':
    '⚠️ Escanea el código QR con el teléfono para vincular una cuenta. Envía **qr** para verlo.',
  'app.logout.success': '✅ La cuenta está desvinculada.',
  'message.from.whatsapp': '{{{text}}}\n\n📱 *Enviado desde WhatsApp*',
  'message.from.api': '{{{text}}}\n\n📱 *Enviado por la API*',
  'message.removed.in.whatsapp': '❌ *Este mensaje se eliminó en WhatsApp*',
  'message.edited.in.whatsapp': '{{{text}}}\n\n✏️ *Editado en WhatsApp*',
  'whatsapp.reaction.added': '*Reaccionó* {{{emoji}}}',
  'whatsapp.reaction.removed': '*Quitó la reacción*',
  'whatsapp.contact.group.suffix': 'Grupo',
  'whatsapp.contact.channel.suffix': 'Canal',
  'whatsapp.call.received': '📞 *Llama*',
  'whatsapp.call.accepted': '📞 *Se contestó la llamada*',
  'whatsapp.call.rejected': '📞 *No se contestó la llamada*',
};

const portuguese: Words = {
  'locale.name': 'Português (Brasil)',
  'app.inbox.contact.name': 'Integração do WhatsApp',
  'app.session.status.change': '{{{emoji}}} A sessão **{{{session}}}** está agora em **{{{status}}}**',
  'app.session.scan.qr.code': '⚠️ Leia o QR code com o telefone para conectar uma conta. Envie **qr** para vê-lo.',
  'app.logout.success': '✅ A conta foi desconectada.',
  'message.from.whatsapp': '{{{text}}}\n\n📱 *Enviado pelo WhatsApp*',
  'message.from.api': '{{{text}}}\n\n📱 *Enviado pela API*',
  'message.removed.in.whatsapp': '❌ *Esta mensagem foi apagada no WhatsApp*',
  'message.edited.in.whatsapp': '{{{text}}}\n\n✏️ *Editada no WhatsApp*',
  'whatsapp.reaction.added': '*Reagiu* {{{emoji}}}',
  'whatsapp.reaction.removed': '*Retirou a reação*',
  'whatsapp.contact.group.suffix': 'Grupo',
  'whatsapp.contact.channel.suffix': 'Canal',
  'whatsapp.call.received': '📞 *Está ligando*',
  'whatsapp.call.accepted': '📞 *A chamada foi atendida*',
  'whatsapp.call.rejected': '📞 *A chamada não foi atendida*',
};

/** The languages that there are, by their code. What one does not say is said in English. */
export const locales: Readonly<Record<string, Words>> = {
  'en-US': english,
  'de-DE': german,
  'es-ES': spanish,
  'pt-BR': portuguese,
};
