import type { Phrases } from './languages.js';

export const ADJECTIVES: Phrases = {
  en: ['rustic', 'small', 'large', 'elegant', 'vintage', 'colourful', 'minimal', 'soft', 'classic', 'bright'],
  de: ['rustikal', 'klein', 'groß', 'elegant', 'klassisch', 'bunt', 'schlicht', 'weich', 'hell', 'zeitlos'],
  fr: [
    'rustique',
    'petit',
    'grand',
    'élégant',
    'ancien',
    'coloré',
    'minimaliste',
    'doux',
    'classique',
    'clair',
  ],
  es: [
    'rústico',
    'pequeño',
    'grande',
    'elegante',
    'antiguo',
    'colorido',
    'sencillo',
    'suave',
    'clásico',
    'claro',
  ],
};

export const MATERIALS: Phrases = {
  en: ['clay', 'oak', 'linen', 'wool', 'brass', 'glass', 'cotton', 'recycled paper', 'walnut', 'stoneware'],
  de: [
    'Ton',
    'Eiche',
    'Leinen',
    'Wolle',
    'Messing',
    'Glas',
    'Baumwolle',
    'Altpapier',
    'Nussbaum',
    'Steingut',
  ],
  fr: ['argile', 'chêne', 'lin', 'laine', 'laiton', 'verre', 'coton', 'papier recyclé', 'noyer', 'grès'],
  es: ['arcilla', 'roble', 'lino', 'lana', 'latón', 'vidrio', 'algodón', 'papel reciclado', 'nogal', 'gres'],
};

export const FILLERS: Phrases = {
  en: [
    'A {adjective} {noun} in {material}, ready to ship.',
    'Each {noun} differs a little, so the colour may vary.',
    'Perfect as a gift for a birthday, a wedding or a new home.',
    'Please check the size: about {size} cm.',
    'Wipe with a damp cloth; do not put it in the dishwasher.',
    'Comes in a "thank you" box with tissue paper.',
    'We combine postage when you order more than one.',
    'The photos were taken in daylight, without filters.',
    'Questions? Write to us, we answer within a day.',
    'Packed without plastic, with a card, a ribbon and a note.',
    'Returns are accepted within 14 days.',
    'Made to last, easy to clean and light to carry.',
  ],
  de: [
    '{noun} aus {material}, {adjective} und sofort lieferbar.',
    'Jedes Stück ist etwas anders, die Farbe kann abweichen.',
    'Ein schönes Geschenk zum Geburtstag oder zur Hochzeit.',
    'Bitte die Größe beachten: etwa {size} cm.',
    'Mit einem feuchten Tuch abwischen, nicht in die Spülmaschine.',
    'Kommt in einer Schachtel mit der Aufschrift "Danke".',
    'Versand wird bei mehreren Artikeln zusammengefasst.',
    'Die Fotos entstanden bei Tageslicht, ohne Filter.',
    'Fragen? Schreiben Sie uns, wir antworten am selben Tag.',
    'Rückgabe innerhalb von 14 Tagen möglich.',
  ],
  fr: [
    '{noun} en {material}, {adjective}, prêt à partir.',
    'Chaque pièce est un peu différente, la couleur peut varier.',
    'Une belle idée de cadeau pour un anniversaire ou un mariage.',
    'Vérifiez la taille : environ {size} cm.',
    'À nettoyer avec un chiffon humide, pas de lave-vaisselle.',
    'Livré dans une boîte "merci" avec du papier de soie.',
    'Nous groupons les envois à partir de deux articles.',
    'Les photos sont prises à la lumière du jour.',
    'Une question ? Écrivez-nous, réponse sous 24 heures.',
    'Retour possible pendant 14 jours.',
  ],
  es: [
    '{noun} de {material}, {adjective}, listo para enviar.',
    'Cada pieza es un poco distinta, el color puede variar.',
    'Un buen regalo de cumpleaños, de boda o para casa.',
    'Mira el tamaño: unos {size} cm.',
    'Limpiar con un paño húmedo, no usar lavavajillas.',
    'Llega en una caja de "gracias" con papel de seda.',
    'Agrupamos el envío si pides más de uno.',
    'Las fotos se hicieron con luz de día, sin filtros.',
    '¿Preguntas? Escríbenos, respondemos en un día.',
    'Se aceptan devoluciones durante 14 días.',
  ],
};

/** Tags without a meaning for any policy. */
export const TAGS: Phrases = {
  en: ['gift', 'home decor', 'boho', 'sale', 'natural', 'unique', 'cosy', 'birthday', 'wedding'],
  de: ['geschenk', 'deko', 'boho', 'angebot', 'natur', 'unikat', 'hygge', 'geburtstag'],
  fr: ['cadeau', 'déco', 'bohème', 'promo', 'naturel', 'unique', 'anniversaire', 'mariage'],
  es: ['regalo', 'decoración', 'boho', 'oferta', 'natural', 'único', 'cumpleaños', 'boda'],
};
