const FINE = 2 // dots a pixel

export default function ({ data, parentElement }) {
  parentElement.querySelector('button').onclick = () => {
    const picture = new Image()
    const source = URL.createObjectURL(new Blob([data.svg], { type: 'image/svg+xml' }))
    picture.onload = () => {
      const canvas = document.createElement('canvas')
      canvas.width = picture.naturalWidth * FINE
      canvas.height = picture.naturalHeight * FINE
      const drawing = canvas.getContext('2d')
      drawing.scale(FINE, FINE)
      drawing.drawImage(picture, 0, 0)
      URL.revokeObjectURL(source)
      canvas.toBlob((dots) => {
        const link = document.createElement('a')
        link.href = URL.createObjectURL(dots)
        link.download = data.name
        link.click()
        setTimeout(() => URL.revokeObjectURL(link.href), 1000)
      }, 'image/png')
    }
    picture.src = source
  }
}
