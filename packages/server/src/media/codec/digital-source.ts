/** Words of IPTC for what a model made, and for a picture of which it made a part. */
export type DigitalSource = 'trainedAlgorithmicMedia' | 'compositeWithTrainedAlgorithmicMedia';

/** Metadata that say where a picture comes from. Source: https://cv.iptc.org/newscodes/digitalsourcetype/ */
export function toXmp(source: DigitalSource): string {
  return [
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
    ` Iptc4xmpExt:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/${source}"/>`,
    '</rdf:RDF></x:xmpmeta>',
  ].join('');
}
