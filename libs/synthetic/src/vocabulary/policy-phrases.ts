import type { Phrases } from './languages.js';

/** Health claims: `{condition}` is filled from CONDITIONS. */
export const CLAIMS: Phrases = {
  en: [
    'It cures {condition} in a few days.',
    'Wear it daily, it heals {condition}.',
    'Proven to treat {condition} without a doctor.',
    'Gets rid of {condition} for good.',
    'Many buyers cured their {condition} with it.',
  ],
  de: [
    'Es heilt {condition} in wenigen Tagen.',
    'Täglich getragen, heilt es {condition}.',
    'Wirkt nachweislich gegen {condition}, ganz ohne Arzt.',
    'Nie wieder {condition}, garantiert geheilt.',
  ],
  fr: [
    'Il guérit {condition} en quelques jours.',
    'Porté chaque jour, il soigne {condition}.',
    'Efficacité prouvée contre {condition}, sans médecin.',
    'Fini {condition}, guérison garantie.',
  ],
  es: [
    'Cura {condition} en pocos días.',
    'Úsalo a diario, sana {condition}.',
    'Eficacia probada contra {condition}, sin médico.',
    'Adiós a {condition}, curación garantizada.',
  ],
};

/** Claims in words that appear late only. */
export const LATE_CLAIMS: Phrases = {
  en: [
    'Replaces your tablets against {condition}.',
    'Detoxes the body, so {condition} cannot come back.',
    'Its frequency resets {condition} overnight.',
  ],
  de: [
    'Ersetzt Ihre Tabletten gegen {condition}.',
    'Entgiftet den Körper, so kommt {condition} nicht zurück.',
  ],
  fr: ['Remplace vos comprimés contre {condition}.', 'Détoxifie le corps, adieu {condition}.'],
  es: ['Sustituye tus pastillas contra {condition}.', 'Desintoxica el cuerpo y {condition} no vuelve.'],
};

/** Sentences with the words of a claim that claim nothing. */
export const CLAIM_DECOYS: Phrases = {
  en: [
    'This does not cure {condition}; it is decoration only.',
    'Hang it where you cure the ham.',
    'The glaze cures in a few days.',
    'We do not claim that it heals {condition}.',
    'A gift for a friend who lives with {condition}.',
    'Please see a doctor about {condition}; this only smells good.',
    'The varnish is cured without heat, proven for daily use.',
  ],
  de: [
    'Das heilt {condition} nicht, es ist nur Dekoration.',
    'Der Lack härtet in wenigen Tagen aus.',
    'Bei {condition} bitte zum Arzt gehen.',
    'Ein Geschenk für Freunde, die mit {condition} leben.',
  ],
  fr: [
    'Cela ne guérit pas {condition}, simple décoration.',
    'Le vernis sèche en quelques jours.',
    'Pour {condition}, consultez un médecin.',
    'Un cadeau pour une amie qui vit avec {condition}.',
  ],
  es: [
    'No cura {condition}, es solo decoración.',
    'Para colgar donde se cura el jamón.',
    'Para {condition}, consulta a un médico.',
    'Un regalo para quien vive con {condition}.',
  ],
};

export const CONDITIONS: Phrases = {
  en: [
    'arthritis',
    'migraine',
    'anxiety',
    'insomnia',
    'back pain',
    'diabetes',
    'allergies',
    'high blood pressure',
  ],
  de: ['Arthrose', 'Migräne', 'Schlaflosigkeit', 'Rückenschmerzen', 'Diabetes', 'Allergien'],
  fr: ["l'arthrose", 'la migraine', "l'insomnie", 'le mal de dos', 'le diabète', 'les allergies'],
  es: ['la artritis', 'la migraña', 'el insomnio', 'el dolor de espalda', 'la diabetes', 'las alergias'],
};

export const WEAPON_OFFERS: Phrases = {
  en: [
    'Comes with a replica dagger, blunt but full size.',
    'The set includes a hunting knife with a fixed blade.',
    'Ask me about the matching short sword.',
    'A throwing knife is part of the bundle.',
  ],
  de: [
    'Mit einem Replikat-Dolch in voller Größe.',
    'Zum Set gehört ein Jagdmesser mit fester Klinge.',
    'Fragen Sie nach dem passenden Kurzschwert.',
  ],
  fr: [
    'Avec une réplique de dague en taille réelle.',
    'Le lot comprend un couteau de chasse à lame fixe.',
    "Demandez-moi l'épée courte assortie.",
  ],
  es: [
    'Con una réplica de daga de tamaño real.',
    'El lote incluye un cuchillo de caza de hoja fija.',
    'Pregunta por la espada corta a juego.',
  ],
};

export const LATE_WEAPON_OFFERS: Phrases = {
  en: [
    'Bundle with a curved collector blade, see the last photo.',
    'Add the karambit style piece at checkout.',
  ],
  de: ['Im Paket mit einer gebogenen Sammlerklinge.'],
  fr: ['Lot avec une lame courbe de collection.'],
  es: ['Lote con una hoja curva de colección.'],
};

export const WEAPON_DECOYS: Phrases = {
  en: [
    'The motif is a sword lily with dagger leaves.',
    'Goes well with a butter knife and a cheese board.',
    'Inspired by a tale of a knight who lost his sword.',
    'Cut the tag off with a knife before use.',
  ],
  de: [
    'Das Motiv zeigt eine Schwertlilie.',
    'Passt gut zu Buttermesser und Käsebrett.',
    'Nach einer Sage vom Ritter ohne Schwert.',
  ],
  fr: [
    'Le motif est un glaïeul aux feuilles en forme de dague.',
    'Va bien avec un couteau à beurre.',
    "D'après le conte du chevalier sans épée.",
  ],
  es: [
    'El motivo es un gladiolo con hojas de daga.',
    'Combina con un cuchillo de mantequilla.',
    'Del cuento del caballero que perdió su espada.',
  ],
};

export const OWN_WORK: Phrases = {
  en: [
    'This is my own design, made by hand in my studio.',
    'Handmade by me from my own drawing.',
    'An original of our small workshop, you will not find it elsewhere.',
    'I designed and finished every piece myself.',
  ],
  de: [
    'Mein eigener Entwurf, von Hand in meinem Atelier gefertigt.',
    'Handarbeit nach eigener Zeichnung.',
    'Ein Original aus unserer kleinen Werkstatt.',
  ],
  fr: [
    'Ma propre création, faite main dans mon atelier.',
    "Fait main d'après mon dessin.",
    'Un original de notre petit atelier.',
  ],
  es: [
    'Diseño propio, hecho a mano en mi taller.',
    'Hecho por mí a partir de mi dibujo.',
    'Un original de nuestro pequeño taller.',
  ],
};

export const LATE_OWN_WORK: Phrases = {
  en: ['Inspired drop from our atelier, only a few pieces.', 'A small batch of our label, numbered by us.'],
  de: ['Kleine Auflage unseres Labels, von uns nummeriert.'],
  fr: ['Petite série de notre marque, numérotée par nous.'],
  es: ['Serie corta de nuestra firma, numerada por nosotros.'],
};

export const LICENSED: Phrases = {
  en: [
    'Authorised Orbix reseller, invoice included.',
    'Licensed Northvale merchandise with the holographic label.',
    'Official Orbix stock, bought from the brand.',
    'Sold under licence, proof of purchase on request.',
  ],
  de: [
    'Autorisierter Orbix-Händler, Rechnung liegt bei.',
    'Lizenzierte Northvale-Ware mit Hologramm.',
    'Offizielle Orbix-Ware, beim Hersteller gekauft.',
  ],
  fr: [
    'Revendeur Orbix agréé, facture fournie.',
    'Produit Northvale sous licence, avec hologramme.',
    'Stock officiel Orbix, acheté à la marque.',
  ],
  es: [
    'Distribuidor autorizado de Orbix, con factura.',
    'Producto Northvale con licencia y holograma.',
    'Artículo oficial de Orbix, comprado a la marca.',
  ],
};
